import type { Texts } from "../en.ts";

export const installTexts: Pick<Texts, "install"> = {
  install: {
    title: "把 Stegos 留在这台设备上",
    hint: "从主屏幕直接打开，没有网络也能打开。",
    asking: "浏览器正在询问。",
    done: "Stegos 已经装在这台设备上。",
    declined: "没有安装，其他一切照旧。",
    steps: {
      share: "点“分享”。没看到的话，先点三个点。",
      add: "向下滑，点“添加到主屏幕”。",
      confirm: "点“添加”。",
    },
    empty: "主屏幕上的应用一开始是空的：它的存储和这个浏览器是分开的。用通行密钥、备份文件或助记词，就能把钱包带过去。",
    inApp: {
      title: "这个窗口属于另一个应用",
      start:
        "存在这里的东西，可能随那个应用一起消失。请点三个点（一般在右上角），再选“在浏览器中打开”。也可以复制链接，粘贴到浏览器里。",
      wallet:
        "这个钱包只存在这个窗口里，可能随那个应用一起消失。请先在“安全”里做好备份，再用浏览器打开 Stegos，在那里恢复。",
      copy: "复制链接",
    },
  },
};
