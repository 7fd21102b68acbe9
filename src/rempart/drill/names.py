"""Common French first and last names; a table of data.

Accents, hyphens, apostrophes and particles are there on purpose: files are UTF-8.
"""

WOMEN = (
    *("Marie", "Jeanne", "Françoise", "Monique", "Catherine", "Nathalie", "Isabelle", "Jacqueline"),
    *("Anne", "Sylvie", "Martine", "Nicole", "Suzanne", "Hélène", "Christine", "Louise", "Denise"),
    *("Sandrine", "Valérie", "Céline", "Stéphanie", "Aurélie", "Émilie", "Julie", "Camille", "Léa"),
    *("Chloé", "Manon", "Inès", "Emma", "Jade", "Alice", "Zoé", "Lina", "Rose", "Fatima", "Anaïs"),
    *("Anne-Sophie", "Marie-Thérèse"),
)
MEN = (
    *("Jean", "Pierre", "Michel", "André", "Philippe", "René", "Louis", "Alain", "Jacques"),
    *("Bernard", "Marcel", "Daniel", "Roger", "Robert", "Paul", "Claude", "Christian", "Henri"),
    *("Georges", "Nicolas", "François", "David", "Frédéric", "Sébastien", "Julien", "Thomas"),
    *("Kévin", "Antoine", "Lucas", "Hugo", "Théo", "Enzo", "Nathan", "Gabriel", "Raphaël", "Léo"),
    *("Arthur", "Mohamed", "Jean-Baptiste", "Loïc"),
)
LAST = (
    *("Martin", "Bernard", "Thomas", "Petit", "Robert", "Richard", "Durand", "Dubois", "Moreau"),
    *("Laurent", "Simon", "Michel", "Lefèvre", "Leroy", "Roux", "David", "Bertrand", "Morel"),
    *("Fournier", "Girard", "Bonnet", "Dupont", "Lambert", "Fontaine", "Rousseau", "Vincent"),
    *("Muller", "Faure", "Mercier", "Blanc", "Guérin", "Boyer", "Garnier", "Chevalier", "Legrand"),
    *("Gauthier", "Garcia", "Perrin", "Robin", "Clément", "Morin", "Henry", "Nicolas", "Roussel"),
    *("Mathieu", "Gautier", "Masson", "Marchand", "Duval", "Denis", "Dumont", "Lemaire", "Noël"),
    *("Meyer", "Dufour", "Meunier", "Brun", "Blanchard", "Giraud", "Joly", "Rivière", "Lucas"),
    *("Nguyen", "Da Silva", "Le Goff", "D'Angelo", "Benali", "Traoré", "Diallo", "Müller"),
)
