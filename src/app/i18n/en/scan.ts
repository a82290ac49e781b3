export const scanTexts = {
  scan: {
    title: "Scan",
    lead: "Hold the camera over an address, a request or a proof of payment.",
    picture: "What the camera sees",
    opening: "Starting the camera",
    torchOn: "Light on",
    torchOff: "Light off",
    gallery: "Choose a picture",
    reading: "Looking at the picture",
    noCode: "There is no code in this picture that can be read. Take one from nearer, with more light.",
    noReader: "The part of the app that reads codes could not be loaded. Go online and try again, or paste.",
    otherNetwork: "This address belongs to another network than this app’s. Nothing was sent.",
    unknown: "This code is nothing that the app knows. It was not opened.",
    emptyPaste: "There is nothing to paste.",
    privacy: "Pictures stay on this device.",
    problems: {
      denied:
        "The camera is not allowed for this page. Allow it in the settings of the browser, or paste, or choose a picture.",
      none: "This device has no camera. Paste, or choose a picture.",
      busy: "Another app is using the camera. Close it and try again, or paste, or choose a picture.",
      insecure: "Browsers lend the camera only to pages on https. Paste, or choose a picture.",
    },
  },
} as const;
