/**
 * What kind of browser the app runs in, as far as keeping it there goes. `in-app`: a window inside another app, whose
 * storage may vanish with that app's. `ios`: a browser of an iPhone or iPad, where people install by hand.
 */
export type BrowserKind = "in-app" | "ios" | "other";

/** Words by which apps name themselves in the user agent of their windows. */
const APPS: readonly RegExp[] = [
  /MicroMessenger|wxwork/, // WeChat, WeCom
  /\bQQ\/\d|Qzone\//, // QQ; its browser calls itself MQQBrowser/ or QQBrowser/ alone
  /\bWeibo\b|__weibo__/,
  /AlipayClient|DingTalk|\bLark\/|Feishu/,
  /BytedanceWebview|musical_ly|\baweme|TikTok|\btrill_|NewsArticle/, // TikTok, Douyin, Toutiao
  /xhsdiscover|xhsminiapp/i, // Xiaohongshu
  /FBAN\/|FBAV\/|FB_IAB|Instagram|Barcelona \d/, // Facebook, Messenger, Instagram, Threads
  /\bLine\/\d|KAKAOTALK/,
  /Telegram|TwitterAndroid|Twitter for i|Snapchat|LinkedInApp|\[Pinterest\b/,
  /\bGSA\/\d/, // the search app of Google
];

/** Android's WebView says so itself. */
const ANDROID_WEBVIEW = /; wv\)/;
const APPLE_PHONE = /iPhone|iPod|iPad/;
/** iPads ask for desktop pages, by the name of a Mac; no Mac has a screen for fingers. */
const MAC = /Macintosh/;
/** Real browsers on an iPhone end so; a window inside an app leaves it out. */
const SAFARI = /\bSafari\/[\d.]+/;

/** From `navigator.userAgent` and `navigator.maxTouchPoints`. What an app hides it does not see. */
export function browserKindOf(userAgent: string, touchPoints: number): BrowserKind {
  if (APPS.some((app) => app.test(userAgent)) || ANDROID_WEBVIEW.test(userAgent)) return "in-app";
  const isApple = APPLE_PHONE.test(userAgent) || (MAC.test(userAgent) && touchPoints > 1);
  if (!isApple) return "other";
  return SAFARI.test(userAgent) ? "ios" : "in-app";
}
