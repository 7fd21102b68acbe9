// Reading a card's code with the camera, where the browser itself can (BarcodeDetector).

const FORMATS = ["qr_code", "data_matrix"];
const EVERY = 250, AT_MOST = 30_000;

/** Whether this browser reads codes by itself. */
export async function canScan() {
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return false;
  const known = await BarcodeDetector.getSupportedFormats();
  return FORMATS.some((format) => known.includes(format));
}

/** The first code that the camera sees; empty where none was seen, or the camera was refused. */
export async function scan(video) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    video.hidden = false;
    await video.play();
    const known = await BarcodeDetector.getSupportedFormats();
    const detector = new BarcodeDetector({ formats: FORMATS.filter((each) => known.includes(each)) });
    for (const end = Date.now() + AT_MOST; Date.now() < end;) {
      const [found] = await detector.detect(video);
      if (found) return found.rawValue;
      await new Promise((resolve) => { setTimeout(resolve, EVERY); });
    }
    return "";
  } catch {
    return "";
  } finally {
    for (const track of stream?.getTracks() ?? []) track.stop();
    video.srcObject = null;
    video.hidden = true;
  }
}
