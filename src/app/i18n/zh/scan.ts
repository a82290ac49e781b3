import type { Texts } from "../en.ts";

export const scanTexts: Pick<Texts, "scan"> = {
  scan: {
    title: "扫一扫",
    lead: "把镜头对准收款地址、收款请求或付款凭证。",
    picture: "镜头画面",
    opening: "正在打开摄像头",
    torchOn: "开灯",
    torchOff: "关灯",
    gallery: "从相册选图",
    reading: "正在识别图片",
    noCode: "这张图里没有能识别的码。靠近一点、亮一点再拍一张。",
    noReader: "读码的部分没能加载。请联网后再试，或者直接粘贴。",
    otherNetwork: "这个地址不属于本应用所在的网络。什么都没有转出。",
    unknown: "应用不认识这个码，也没有打开它。",
    emptyPaste: "没有可粘贴的内容。",
    privacy: "图片只在这台设备上处理。",
    problems: {
      denied: "这个网页没有使用摄像头的权限。请在浏览器设置里允许，或者粘贴、从相册选图。",
      none: "这台设备没有摄像头。请粘贴，或从相册选图。",
      busy: "摄像头正被其他应用使用。请关掉它再试，或者粘贴、从相册选图。",
      insecure: "浏览器只把摄像头借给 https 网页。请粘贴，或从相册选图。",
    },
  },
};
