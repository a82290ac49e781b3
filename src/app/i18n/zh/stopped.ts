import type { Texts } from "../en.ts";

export const stoppedTexts: Pick<Texts, "stopped"> = {
  stopped: {
    code: "代码",
    anew: "新建一个钱包",
    discard: {
      open: "抹掉并恢复",
      text: "这台设备上存的钱包资料会全部删除，之后要找回你的币，只能靠 24 个助记词、备份文件加口令，或存有钱包的通行密钥。",
      understood: "我有其中一样",
      confirm: "抹掉并恢复",
      cancel: "先留着",
    },
    problems: {
      storage_denied: {
        title: "这个浏览器不让我们存储",
        text: "存不下来的钱包会丢失，所以在动用任何币之前我们先停下。请允许本页使用 Cookie 和存储，或改用普通窗口打开，不要用无痕窗口。",
        action: "再试一次",
      },
      storage_full: {
        title: "空间不足",
        text: "你的币是安全的，但这台设备存不下新内容了。请腾出一些空间再试。",
        action: "再试一次",
      },
      storage_newer: {
        title: "这里用过较新的版本",
        text: "你的币是安全的。较新版本的应用用过这个钱包，当前版本已经读不了。",
        action: "更新",
      },
      storage_broken: {
        title: "存下的钱包读不出来",
        text: "你的币在网络上是安全的，但这台设备上存的资料坏了。请先再试一次。如果还不行，可以抹掉后用助记词、备份文件加口令或存有钱包的通行密钥找回币，在这里或别的设备上都行。",
        action: "再试一次",
      },
      storage_lost: {
        title: "存下的钱包不见了",
        text: "浏览器或用过这台设备的人清除了这里存下的资料。你的币在网络上是安全的，用助记词、备份文件加口令或存有钱包的通行密钥就能找回，在这里或别的设备上都行。",
        action: "恢复",
      },
      open_elsewhere: {
        title: "已在另一个标签页打开",
        text: "你的币是安全的。另一个标签页正在使用这个钱包，同一时间只能有一个。",
        action: "在这里使用",
      },
      no_crypto: {
        title: "这个浏览器太旧",
        text: "它缺少密钥所需的功能，所以在动用任何币之前我们先停下。请复制链接，用新版浏览器打开。",
        action: "复制链接",
      },
      moved_to_other_tab: {
        title: "应用已转到另一个标签页",
        text: "你的币是安全的。钱包现在在那边打开，随时可以回到这个标签页。",
        action: "在这里使用",
      },
      storage_failed: {
        title: "存储失败",
        text: "你的币是安全的。这台设备拒绝存储，为了不丢失任何东西，应用先停下了。请腾出空间再继续。",
        action: "继续",
      },
      start_failed: {
        title: "应用没能启动",
        text: "你的币是安全的。应用有一部分没能加载，请检查网络后再试。",
        action: "再试一次",
      },
    },
  },
};
