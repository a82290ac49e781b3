import { describe, expect, it } from "vitest";
import { browserKindOf } from "../../../src/app/state/browser-kind.ts";

const IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";
const PIXEL =
  "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UD1A.230803.041; wv) AppleWebKit/537.36 (KHTML, like Gecko)";
const XIAOMI =
  "Mozilla/5.0 (Linux; Android 13; 2211133C Build/TKQ1.220905.001; wv) AppleWebKit/537.36 (KHTML, like Gecko)";

const IN_APP: readonly (readonly [string, string])[] = [
  ["WeChat, iOS", `${IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN`],
  [
    "WeChat, Android",
    `${XIAOMI} Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160065 MMWEBSDK/20231202 MMWEBID/2247 MicroMessenger/8.0.47.2560(0x28002F30) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64`,
  ],
  [
    "WeChat, Windows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Safari/537.36 NetType/WIFI MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat(0x63090a13) XWEB/8555 Flue",
  ],
  ["WeCom", `${IPHONE} Mobile/15E148 wxwork/4.1.22 MicroMessenger/7.0.1 Language/zh ColorScheme/Light`],
  [
    "QQ, iOS",
    `${IPHONE} Mobile/15E148 QQ/9.0.60.614 V1_IPH_SQ_9.0.60_1_APP_A Pixel/1170 MiniAppEnable SimpleUISwitch/0`,
  ],
  [
    "QQ, Android",
    "Mozilla/5.0 (Linux; Android 13; 2211133C Build/TKQ1.220905.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.86 MQQBrowser/6.2 TBS/046721 Mobile Safari/537.36 V1_AND_SQ_9.0.8_5532_YYB_D QQ/9.0.8.14755 NetType/WIFI WebP/0.3.0",
  ],
  ["Weibo, iOS", `${IPHONE} Mobile/15E148 Weibo (iPhone15,2__weibo__14.4.1__iphone__os17.4.1)`],
  [
    "Weibo, Android",
    `${XIAOMI} Version/4.0 Chrome/119.0.6045.193 Mobile Safari/537.36 Weibo (Xiaomi-2211133C__weibo__14.4.1__android__android13)`,
  ],
  [
    "Alipay",
    `${IPHONE} Mobile/15E148 ChannelId(0) NebulaSDK/1.8.100112 Nebula AlipayDefined(nt:WIFI,ws:390|780|3.0) AliApp(AP/10.5.66) AlipayClient/10.5.66 Language/zh-Hans`,
  ],
  [
    "DingTalk",
    `${XIAOMI} Version/4.0 Chrome/100.0.4896.58 Mobile Safari/537.36 AliApp(DingTalk/7.5.5) com.alibaba.android.rimet/37834653 Channel/700159 language/zh-CN`,
  ],
  [
    "Douyin",
    `${XIAOMI} Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 aweme_290000 JsSdk/1.0 NetType/WIFI AppName/aweme app_version/29.0.0 ByteLocale/zh-CN Region/CN`,
  ],
  [
    "TikTok, iOS",
    `${IPHONE} Mobile/15E148 musical_ly_34.2.0 JsSdk/2.0 NetType/WIFI Channel/App Store ByteLocale/en Region/US BytedanceWebview/d8a21c6`,
  ],
  [
    "TikTok, Android",
    `${PIXEL} Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36 trill_340203 JsSdk/1.0 NetType/WIFI Channel/googleplay AppName/musical_ly BytedanceWebview/d8a21c6`,
  ],
  ["Xiaohongshu", `${IPHONE} Mobile/15E148 xhsdiscover/8.34 NetType/WIFI`],
  [
    "Instagram, iOS",
    `${IPHONE} Mobile/15E148 Instagram 331.0.0.33.110 (iPhone14,5; iOS 17_4_1; en_US; en; scale=3.00; 1170x2532; 599083284)`,
  ],
  [
    "Instagram, Android",
    `${PIXEL} Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36 Instagram 330.0.0.40.92 Android (34/14; 420dpi; 1080x2205; Google/google; Pixel 8; shiba; shiba; en_US; 596227443)`,
  ],
  [
    "Threads",
    `${IPHONE} Mobile/15E148 Barcelona 328.0.0.26.82 (iPhone14,5; iOS 17_4_1; en_US; en; scale=3.00; 1170x2532; 592164282)`,
  ],
  [
    "Facebook, iOS",
    `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/461.0.0.35.104;FBBV/592146342;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;FBSV/17.4.1;FBSS/3;FBID/phone;FBLC/en_US;FBOP/5]`,
  ],
  [
    "Facebook, Android",
    `${PIXEL} Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/461.0.0.46.77;]`,
  ],
  [
    "Messenger, iOS",
    `${IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/454.1.0.35.109;FBBV/587206112;FBDV/iPhone14,5]`,
  ],
  ["LINE, iOS", `${IPHONE} Mobile/15E148 Safari Line/14.6.0`],
  ["LINE, Android", `${PIXEL} Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36 Line/14.6.1/IAB`],
  ["KakaoTalk", `${IPHONE} Mobile/15E148 KAKAOTALK 10.7.5`],
  [
    "Telegram, Android",
    `${PIXEL} Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36 Telegram-Android/10.12.0 (Google Pixel 8; Android 14; SDK 34; HIGH)`,
  ],
  ["X, iOS", `${IPHONE} Mobile/15E148 Twitter for iPhone/10.40`],
  ["X, Android", `${PIXEL} Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36 TwitterAndroid`],
  ["Snapchat", `${IPHONE} Mobile/15E148 Snapchat/12.87.0.40 (like Safari/8617.2.4.10.8, panda)`],
  ["LinkedIn", `${IPHONE} Mobile/15E148 [LinkedInApp]/9.29.4922`],
  ["Pinterest", `${IPHONE} Mobile/15E148 [Pinterest/iOS]`],
  ["Google's search app", `${IPHONE} GSA/317.0.634488990 Mobile/15E148 Safari/604.1`],
  ["an app of no name, iOS", `${IPHONE} Mobile/15E148`],
  ["an app of no name, Android", `${PIXEL} Version/4.0 Chrome/124.0.6367.82 Mobile Safari/537.36`],
];

const IOS: readonly (readonly [string, string])[] = [
  ["Safari, iPhone", `${IPHONE} Version/18.5 Mobile/15E148 Safari/604.1`],
  ["Chrome, iPhone", `${IPHONE} CriOS/136.0.7103.91 Mobile/15E148 Safari/604.1`],
  ["Firefox, iPhone", `${IPHONE} FxiOS/138.1 Mobile/15E148 Safari/605.1.15`],
  ["Edge, iPhone", `${IPHONE} Version/18.0 EdgiOS/136.0.3240.77 Mobile/15E148 Safari/605.1.15`],
  [
    "Safari, an older iPad",
    "Mozilla/5.0 (iPad; CPU OS 12_5_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1",
  ],
];

const MAC_SAFARI =
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15";

const OTHER: readonly (readonly [string, string])[] = [
  [
    "Chrome, Android",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Mobile Safari/537.36",
  ],
  ["Firefox, Android", "Mozilla/5.0 (Android 14; Mobile; rv:138.0) Gecko/138.0 Firefox/138.0"],
  [
    "Samsung Internet",
    "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
  ],
  [
    "QQ Browser, Android",
    "Mozilla/5.0 (Linux; U; Android 13; zh-cn; 2211133C Build/TKQ1.220905.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.118 MQQBrowser/14.6 Mobile Safari/537.36 COVC/046719",
  ],
  [
    "the browser of Xiaomi",
    "Mozilla/5.0 (Linux; U; Android 13; zh-cn; 2211133C Build/TKQ1.220905.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/109.0.5414.118 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18.4.50324",
  ],
  [
    "the browser of Huawei",
    "Mozilla/5.0 (Linux; Android 12; ADA-AL00; HMSCore 6.13.0.302) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.5735.196 HuaweiBrowser/15.0.4.312 Mobile Safari/537.36",
  ],
  [
    "UC",
    "Mozilla/5.0 (Linux; U; Android 13; zh-CN; 2211133C Build/TKQ1.220905.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/16.6.2.1321 Mobile Safari/537.36",
  ],
  [
    "Chrome, Windows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36",
  ],
  [
    "Edge, Windows",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/136.0.0.0 Safari/537.36 Edg/136.0.0.0",
  ],
  ["Firefox, Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:138.0) Gecko/20100101 Firefox/138.0"],
  ["Safari, Mac", MAC_SAFARI],
  ["nothing said", ""],
];

describe("the kind of a browser", () => {
  it.each(IN_APP)("a window in another app: %s", (_name, userAgent) => {
    expect(browserKindOf(userAgent, 5)).toBe("in-app");
  });

  it.each(IOS)("a browser in which people install by hand: %s", (_name, userAgent) => {
    expect(browserKindOf(userAgent, 5)).toBe("ios");
  });

  it("an iPad that calls itself a Mac is told by its fingers", () => {
    expect(browserKindOf(MAC_SAFARI, 5)).toBe("ios");
  });

  it.each(OTHER)("any other: %s", (_name, userAgent) => {
    expect(browserKindOf(userAgent, 0)).toBe("other");
  });
});
