using CsCheck;
using Sessions.Domain.UserAgents;

namespace Sessions.Domain.Tests.UserAgents;

/// <summary>Browser, system and device type are read from real user agents.</summary>
public sealed class UserAgentTests
{
    private const string Webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
    private const string Windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + Webkit;
    private const string Mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ";
    private const string Phone = "Mozilla/5.0 (Linux; Android 10; K) " + Webkit;
    private const string IPhone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

    [Theory]
    // Desktop
    [InlineData(Windows + " Chrome/126.0.0.0 Safari/537.36", "Chrome", "Windows", "Desktop")]
    [InlineData(Windows + " Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0", "Microsoft Edge", "Windows", "Desktop")]
    [InlineData(Windows + " Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763", "Microsoft Edge", "Windows", "Desktop")]
    [InlineData(Windows + " Chrome/125.0.0.0 Safari/537.36 OPR/111.0.0.0", "Opera", "Windows", "Desktop")]
    [InlineData("Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18", "Opera", "Windows", "Desktop")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "Windows", "Desktop")]
    [InlineData("Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko", "Internet Explorer", "Windows", "Desktop")]
    [InlineData("Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Tablet PC 2.0)", "Internet Explorer", "Windows", "Desktop")]
    [InlineData(Mac + "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15", "Safari", "Mac OS X", "Desktop")]
    [InlineData(Mac + Webkit + " Chrome/126.0.0.0 Safari/537.36", "Chrome", "Mac OS X", "Desktop")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) " + Webkit + " Chrome/126.0.0.0 Safari/537.36", "Chrome", "Linux", "Desktop")]
    [InlineData("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "Linux", "Desktop")]
    [InlineData("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + Webkit + " Chrome/126.0.0.0 Safari/537.36", "Chrome", "Chrome OS", "Desktop")]
    // Phones
    [InlineData(Phone + " Chrome/126.0.0.0 Mobile Safari/537.36", "Chrome", "Android", "Mobile")]
    [InlineData(Phone + " SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android", "Mobile")]
    [InlineData(Phone + " Chrome/126.0.0.0 Mobile Safari/537.36 EdgA/126.0.0.0", "Microsoft Edge", "Android", "Mobile")]
    [InlineData(Phone + " Chrome/124.0.0.0 Mobile Safari/537.36 OPR/83.0.0.0", "Opera", "Android", "Mobile")]
    [InlineData(Phone + " Version/4.0 Chrome/78.0.3904.108 UCBrowser/13.4.0.1306 Mobile Safari/537.36", "UC Browser", "Android", "Mobile")]
    [InlineData("Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", "Firefox", "Android", "Mobile")]
    [InlineData("Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; GT-I9100) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30", "Android Mobile", "Android", "Mobile")]
    [InlineData("Dalvik/2.1.0 (Linux; U; Android 13; Pixel 6 Build/TQ3A.230805.001)", null, "Android", "Mobile")]
    [InlineData(IPhone + " Version/17.5 Mobile/15E148 Safari/604.1", "Mobile Safari", "iOS", "Mobile")]
    [InlineData(IPhone + " CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1", "Chrome iOS", "iOS", "Mobile")]
    [InlineData(IPhone + " FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox iOS", "iOS", "Mobile")]
    [InlineData(IPhone + " Version/17.0 EdgiOS/126.0.2592.56 Mobile/15E148 Safari/604.1", "Microsoft Edge", "iOS", "Mobile")]
    [InlineData(IPhone + " Mobile/15E148 [FBAN/FBIOS;FBAV/468.0.0.30.109]", "Facebook Mobile", "iOS", "Mobile")]
    [InlineData(IPhone + " Mobile/15E148 Instagram 336.0.0.30.95", "Mobile Safari", "iOS", "Mobile")]
    [InlineData("Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) " + Webkit + " Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15254", "Microsoft Edge", "Windows Phone", "Mobile")]
    [InlineData("Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; NOKIA; Lumia 920)", "Internet Explorer Mobile", "Windows Phone", "Mobile")]
    [InlineData("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80 (S60; SymbOS; Opera Mobi/23.348; U; en) Presto/2.5.25 Version/10.54", "Opera Mini", null, "Mobile")]
    [InlineData("Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.0.9.2372 Mobile Safari/537.10+", "BlackBerry", "BlackBerry", "Mobile")]
    // Tablets
    [InlineData("Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1.2 Mobile/15E148 Safari/604.1", "Mobile Safari", "iOS", "Tablet")]
    [InlineData(Phone + " Chrome/126.0.0.0 Safari/537.36", "Chrome", "Android", "Tablet")]
    [InlineData("Mozilla/5.0 (Android 14; Tablet; rv:127.0) Gecko/127.0 Firefox/127.0", "Firefox", "Android", "Tablet")]
    [InlineData("Mozilla/5.0 (Linux; Android 9; KFMAWI) " + Webkit + " Silk/108.4 like Chrome/108.0.5359.220 Safari/537.36", "Chrome", "Android", "Tablet")]
    // The rest
    [InlineData("Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15", "Safari", "PlayStation", "Console")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) " + Webkit + " Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763", "Microsoft Edge", "Xbox", "Console")]
    [InlineData("Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.21.3 NintendoBrowser/5.1.0.22474", null, "Nintendo", "Console")]
    [InlineData("MyApp/1.0 (Apple Watch; watchOS 10.5)", null, "watchOS", "Wearable")]
    [InlineData("Mozilla/5.0 (Linux; Android 11; SM-R890) " + Webkit + " SamsungBrowser/21.0 Chrome/110.0.5481.154 Mobile Safari/537.36", "Samsung Internet", "Android", "Wearable")]
    [InlineData("Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) " + Webkit + " 76.0.3809.146/6.0 TV Safari/537.36", "Safari", "Linux", "Desktop")]
    // Programs say nothing of the kind
    [InlineData("posthog-node/4.0.1", null, null, null)]
    [InlineData("okhttp/4.12.0", null, null, null)]
    [InlineData("curl/8.5.0", null, null, null)]
    [InlineData("", null, null, null)]
    [InlineData(null, null, null, null)]
    public void A_user_agent_gives_the_values_that_PostHog_uses(
        string? agent, string? browser, string? os, string? device) =>
        Assert.Equal(new UserAgentFacts(browser, os, device), UserAgent.Read(agent));

    [Theory]
    [InlineData("Microsoft Edge", "Edg/|EdgA/|EdgiOS/|Edge/")]
    [InlineData("Opera Mini", "Opera Mini")]
    [InlineData("Opera", "OPR/|OPT/|OPX/|OPiOS/|Opera")]
    [InlineData("Samsung Internet", "SamsungBrowser/")]
    [InlineData("UC Browser", "UCBrowser/|UCWEB/")]
    [InlineData("Facebook Mobile", "FBAN/|FBAV/")]
    [InlineData("Chrome iOS", "CriOS/")]
    [InlineData("Firefox iOS", "FxiOS/")]
    [InlineData("Internet Explorer Mobile", "IEMobile")]
    [InlineData("Internet Explorer", "MSIE 8.0|Trident/")]
    [InlineData("BlackBerry", "BlackBerry|BB10|PlayBook")]
    [InlineData("Konqueror", "Konqueror")]
    [InlineData("Firefox", "Firefox/")]
    [InlineData("Chrome", "Chrome/|Chromium/")]
    [InlineData("Mozilla", "Gecko/")]
    [InlineData("Safari", "AppleWebKit/ Safari/")]
    [InlineData("Android Mobile", "AppleWebKit/ Android")]
    [InlineData("Mobile Safari", "AppleWebKit/ iPhone")]
    [InlineData(null, "AppleWebKit/|Safari/|Mozilla/5.0|MSIE8")]
    public void A_browser_is_recognized_by_the_words_in_its_user_agent(string? browser, string marks) =>
        Assert.All(marks.Split('|'), mark => Assert.Equal(browser, UserAgent.Read($"x {mark}").Browser));

    [Theory]
    [InlineData("Xbox", "Console", "Xbox")]
    [InlineData("PlayStation", "Console", "PlayStation|PLAYSTATION")]
    [InlineData("Nintendo", "Console", "Nintendo")]
    [InlineData("Windows Phone", "Mobile", "Windows Phone|WPDesktop")]
    [InlineData("Windows", "Desktop", "Windows")]
    [InlineData("watchOS", "Wearable", "Apple Watch|watchOS")]
    [InlineData("iOS", "Mobile", "iPhone|iPod")]
    [InlineData("iOS", "Tablet", "iPad")]
    [InlineData("Android", "Mobile", "Android|Mozilla/ Android Mobile")]
    [InlineData("Android", "Tablet", "Mozilla/ Android")]
    [InlineData("Android", "Tablet", "Android Tablet|Android SM-T|Android SM-X|Android Nexus 7|Android Nexus 9|Android Nexus 10|Android Pixel C")]
    [InlineData("Android", "Tablet", "Android Pixel Tablet|Android Kindle|Android Lenovo TB|Android PlayBook")]
    [InlineData("Android", "Wearable", "Android Watch|Android SM-R8|Android SM-R9|Android SM-L3|Mozilla/ Android SM-R8")]
    [InlineData("BlackBerry", "Mobile", "BlackBerry|BB10")]
    [InlineData("BlackBerry", "Tablet", "PlayBook")]
    [InlineData("Chrome OS", "Desktop", "CrOS")]
    [InlineData("Mac OS X", "Desktop", "Macintosh|Mac OS X")]
    [InlineData("Linux", "Desktop", "Linux|X11")]
    [InlineData(null, "Mobile", "Opera Mini")]
    [InlineData(null, null, "windows|OPR/")]
    public void A_system_and_a_device_type_are_recognized_by_the_words_in_the_user_agent(
        string? os, string? device, string marks) =>
        Assert.All(marks.Split('|'), mark =>
        {
            UserAgentFacts facts = UserAgent.Read($"x {mark}");
            Assert.Equal((os, device), (facts.Os, facts.DeviceType));
        });

    [Theory]
    [InlineData(UserAgent.MaxLength, "Windows")]
    [InlineData(UserAgent.MaxLength + 1, null)]
    public void Words_behind_the_maximum_length_are_ignored(int length, string? os) =>
        Assert.Equal(os, UserAgent.Read("Windows".PadLeft(length) + " Linux").Os);

    [Fact]
    public void Any_text_is_read_without_an_exception() =>
        Gen.Select(Gen.String, Gen.OneOf("", "Android", "Mozilla/", "iPhone", "AppleWebKit/", "Opera Mini"))
            .Sample((text, word) => UserAgent.Read(text + word) == UserAgent.Read(text + word), iter: 10_000);
}
