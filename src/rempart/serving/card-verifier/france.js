// The French tariff, written from domain/tariffs/france.toml by rempart.serving.tariff_script: the
// source of each figure stands there. Amounts are in cents; baskets are 0 the ticket modérateur, 1
// 100 % Santé, 2 free price.

export const FAMILIES = {"LABO": "laboratory", "RADL": "imaging", "AUXM": "auxiliary", "SVIL": "doctor", "SAGE": "doctor", "DENT": "dentist", "DEPR": "dentist", "OPTI": "device", "AUDI": "device", "LPPS": "device", "HOSP": "stay", "TRAN": "transport"};

export const RATES = [
  {"family": "doctor", "since": "2005-07-01", "percent": 70},
  {"family": "dentist", "since": "2011-01-01", "percent": 70},
  {"family": "dentist", "since": "2023-10-15", "percent": 60},
  {"family": "auxiliary", "since": "2011-01-01", "percent": 60},
  {"family": "laboratory", "since": "2011-01-01", "percent": 60},
  {"family": "imaging", "since": "2011-01-01", "percent": 70},
  {"family": "device", "since": "2011-01-01", "percent": 60},
  {"family": "transport", "since": "2023-08-01", "percent": 55},
  {"family": "stay", "since": "2005-01-01", "percent": 80},
];

export const ITEMS = [
  {"code": "optics-frame-a", "french": "Monture, classe A", "english": "Frame, class A", "domain": "OPTI", "basket": 1, "family": "device", "since": "2020-01-01", "base": null, "base_percent": 30, "limit": 3000, "ceiling": null, "under": null},
  {"code": "optics-lens-a", "french": "Verre, classe A", "english": "Lens, class A", "domain": "OPTI", "basket": 1, "family": "device", "since": "2020-01-01", "base": null, "base_percent": 30, "limit": 17000, "ceiling": null, "under": null},
  {"code": "optics-frame-b", "french": "Monture, classe B", "english": "Frame, class B", "domain": "OPTI", "basket": 2, "family": "device", "since": "2020-01-01", "base": 5, "base_percent": null, "limit": null, "ceiling": 10000, "under": null},
  {"code": "optics-lens-b", "french": "Verre, classe B", "english": "Lens, class B", "domain": "OPTI", "basket": 2, "family": "device", "since": "2020-01-01", "base": 5, "base_percent": null, "limit": null, "ceiling": null, "under": null},
  {"code": "hearing-1", "french": "Aide auditive, classe I, 20 ans et plus", "english": "Hearing aid, class I, 20 and over", "domain": "AUDI", "basket": 1, "family": "device", "since": "2021-01-01", "base": 40000, "base_percent": null, "limit": 95000, "ceiling": null, "under": null},
  {"code": "hearing-1-young", "french": "Aide auditive, classe I, moins de 20 ans", "english": "Hearing aid, class I, under 20", "domain": "AUDI", "basket": 1, "family": "device", "since": "2021-01-01", "base": 140000, "base_percent": null, "limit": 140000, "ceiling": null, "under": 20},
  {"code": "hearing-2", "french": "Aide auditive, classe II, 20 ans et plus", "english": "Hearing aid, class II, 20 and over", "domain": "AUDI", "basket": 2, "family": "device", "since": "2021-01-01", "base": 40000, "base_percent": null, "limit": null, "ceiling": 170000, "under": null},
  {"code": "crown-front", "french": "Couronne céramo-métallique, incisive, canine ou première prémolaire", "english": "Ceramic-metal crown, front teeth or first premolar", "domain": "DEPR", "basket": 1, "family": "dentist", "since": "2020-01-01", "base": 12000, "base_percent": null, "limit": 50000, "ceiling": null, "under": null},
  {"code": "crown-zirconia", "french": "Couronne en zircone, hors molaires", "english": "Zirconia crown, not a molar", "domain": "DEPR", "basket": 1, "family": "dentist", "since": "2020-01-01", "base": 12000, "base_percent": null, "limit": 44000, "ceiling": null, "under": null},
  {"code": "crown-metal", "french": "Couronne métallique", "english": "Metal crown", "domain": "DEPR", "basket": 1, "family": "dentist", "since": "2020-01-01", "base": 12000, "base_percent": null, "limit": 29000, "ceiling": null, "under": null},
];
