import type { Texts } from "../en.ts";

export const settingsTexts: Pick<Texts, "settings"> = {
  settings: {
    title: "设置",
    hint: "语言、外观、网络、导出记录",
    language: "语言",
    theme: "外观",
    themes: { system: "跟随设备", light: "浅色", dark: "深色" },
    nodes: {
      title: "节点",
      lead: "应用从这些计算机获取数据。它们说的每一句，应用都会核对。",
      none: "还没有找到节点。",
      states: { connected: "已连接", connecting: "连接中", idle: "未连接" },
      transports: { websocket: "WebSocket", webrtc: "WebRTC", tcp: "TCP" },
      dataSource: "提供区块",
      faults: {
        wrong_network: "属于另一个网络，不再使用。",
        wrong_data: "发来的数据核对不通过，暂时不用。",
      },
    },
    data: {
      title: "流量",
      session: "本次打开以来",
      since: (day) => `${day}以来`,
      used: (received, sent) => `收到 ${received}，发出 ${sent}`,
      note: "只算应用与节点之间的内容，连接本身还会多用一成左右。",
    },
  },
};
