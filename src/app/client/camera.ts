/** Why there is no picture. Each has its own words and its own way on. */
export type CameraCode =
  | "denied" // the person, or the system, does not let this page use it
  | "none" // the device has none
  | "busy" // another app holds it
  | "insecure"; // browsers lend it to pages on https only

export interface Camera {
  readonly stream: MediaStream;
  readonly hasTorch: boolean;
  setTorch(isOn: boolean): Promise<void>;
  stop(): void;
}

export type CameraResult =
  { readonly ok: true; readonly camera: Camera } | { readonly ok: false; readonly code: CameraCode };

/** Opens the camera at the back where there is one. `media`: undefined where the browser lends none to this page. */
export async function openCamera(media: MediaDevices | undefined): Promise<CameraResult> {
  if (media === undefined) return { ok: false, code: "insecure" };
  try {
    const video = { facingMode: { ideal: "environment" }, width: { ideal: 1_280 }, height: { ideal: 720 } };
    return { ok: true, camera: cameraOf(await media.getUserMedia({ video, audio: false })) };
  } catch (error) {
    return { ok: false, code: codeOf(error instanceof DOMException ? error.name : "") };
  }
}

function codeOf(name: string): CameraCode {
  if (name === "NotFoundError" || name === "OverconstrainedError") return "none";
  return name === "NotReadableError" || name === "AbortError" ? "busy" : "denied";
}

function cameraOf(stream: MediaStream): Camera {
  const [track] = stream.getVideoTracks();
  // Not every browser tells, whatever the types say.
  const abilities = (track as Partial<MediaStreamTrack> | undefined)?.getCapabilities?.() as
    { readonly torch?: boolean } | undefined;
  return {
    stream,
    hasTorch: abilities?.torch === true,
    async setTorch(isOn) {
      await track?.applyConstraints({ advanced: [{ torch: isOn } as MediaTrackConstraintSet] });
    },
    stop() {
      for (const each of stream.getTracks()) each.stop();
    },
  };
}
