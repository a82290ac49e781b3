export const settingsTexts = {
  settings: {
    title: "Settings",
    hint: "Language, appearance, network, saving the history",
    language: "Language",
    theme: "Appearance",
    themes: { system: "As on this device", light: "Light", dark: "Dark" },
    nodes: {
      title: "Nodes",
      lead: "The computers this app asks. It checks everything they say.",
      none: "No node is known yet.",
      states: { connected: "Connected", connecting: "Connecting", idle: "Not connected" },
      transports: { websocket: "WebSocket", webrtc: "WebRTC", tcp: "TCP" },
      dataSource: "gives the blocks",
      faults: {
        wrong_network: "Belongs to another network, so it is left alone.",
        wrong_data: "Sent data that does not check out, so it is left alone for a while.",
      },
    },
    data: {
      title: "Data used",
      session: "Since the app was opened",
      since: (day: string) => `Since ${day}`,
      used: (received: string, sent: string) => `${received} received, ${sent} sent`,
      note: "What the app itself exchanges with nodes. The connections add about a tenth.",
    },
  },
} as const;
