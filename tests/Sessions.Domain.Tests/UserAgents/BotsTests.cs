using CsCheck;
using Sessions.Domain.UserAgents;

namespace Sessions.Domain.Tests.UserAgents;

/// <summary>Which user agents are programs and which are browsers.</summary>
public sealed class BotsTests
{
    [Theory]
    [InlineData("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "a word that ends in bot")]
    [InlineData("Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "behind a browser's words")]
    [InlineData("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "bingbot")]
    [InlineData("Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)", "any case")]
    [InlineData("Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)", "spider")]
    [InlineData("Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)", "Slurp")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)", "GPTBot")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot", "ChatGPT-User")]
    [InlineData("Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)", "ClaudeBot")]
    [InlineData("facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "a preview")]
    [InlineData("WhatsApp/2.23.20.0 A", "a preview")]
    [InlineData("Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse", "a measurer")]
    [InlineData("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "a monitor")]
    [InlineData("Scrapy/2.11.0 (+https://scrapy.org)", "a tool")]
    [InlineData("python-requests/2.31.0", "a tool")]
    [InlineData("curl/8.5.0", "a tool")]
    [InlineData("bot", "the word alone")]
    [InlineData("CUBOT bot", "a program on somebody's phone")]
    public void A_programs_user_agent_is_recognized(string agent, string because) =>
        Assert.True(Bots.IsBot(agent), because);

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36", "Chrome")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1", "Safari")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/468.0.0.30.109]", "an app's browser")]
    [InlineData("Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36", "a phone whose maker ends in bot")]
    [InlineData("MyBotanyApp/2.0 (iPhone)", "bot within a word")]
    [InlineData("okhttp/4.12.0", "what apps are made with")]
    [InlineData("Shop/1 CFNetwork/1496.0.7 Darwin/23.5.0", "what apps are made with")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36", "a site's own test, which asked for its events to be sent")]
    [InlineData("posthog-node/4.0.1", "a server that speaks for people")]
    [InlineData("", "nothing")]
    [InlineData(null, "nothing")]
    public void A_browsers_user_agent_is_not_taken_for_a_program(string? agent, string because) =>
        Assert.False(Bots.IsBot(agent), because);

    [Theory]
    [MemberData(nameof(Words))]
    public void Each_listed_word_makes_its_user_agent_a_program_as_its_row_says(string word, string how)
    {
        string[] agents = [$"x {word}", $"Mozilla/5.0 ({word.ToUpperInvariant()}/2.1; +https://example.org)"];

        Assert.All(agents, agent => Assert.Equal(how != "people", Bots.IsProgram(agent)));
        if (how != "log")
        {
            // One of those may have a word in it that gives a bot away: libcurl/8.
            Assert.All(agents, agent => Assert.Equal(how != "people", Bots.IsBot(agent)));
            Assert.Equal(how == "part", Bots.IsBot($"{word}any"));
        }
    }

    [Theory]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36", "a browser without a head")]
    [InlineData("Go-http-client/1.1", "a library")]
    [InlineData("Go-http-client/2.0", "a library")]
    [InlineData("Java/17.0.2", "a library")]
    [InlineData("Apache-HttpClient/4.5.13 (Java/1.8.0_292)", "a library")]
    [InlineData("okhttp/4.12.0", "what apps fetch with shows nobody a page")]
    [InlineData("Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.19041.1682", "a tool behind a browser's words")]
    [InlineData("WordPress/6.5; https://blog.example", "a server")]
    [InlineData("kube-probe/1.29", "a monitor")]
    [InlineData("Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)", "a monitor")]
    [InlineData("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "a monitor")]
    [InlineData("check_http/v2.3 (monitoring-plugins 2.3)", "a monitor")]
    [InlineData("FreshRSS/1.23.1 (Linux; https://freshrss.org)", "a reader of feeds")]
    [InlineData("curl/8.5.0", "a program everywhere")]
    [InlineData("", "something that does not say what it is")]
    [InlineData(" ", "something that does not say what it is")]
    public void In_an_access_log_a_programs_user_agent_is_recognized(string agent, string because) =>
        Assert.True(Bots.IsProgram(agent), because);

    [Theory]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0")]
    [InlineData("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/468.0.0.30.109]")]
    [InlineData("Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36 Instagram 334.0.0.42.95 Android")]
    [InlineData("Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36")]
    [InlineData("Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; WOW64; Trident/6.0; .NET4.0E; .NET4.0C)")]
    [InlineData("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 OPR/111.0.0.0 Vivaldi/6.7")]
    [InlineData("Mozilla/5.0 (PlayStation; PlayStation 5/6.50) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15")]
    [InlineData("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.31 TV Safari/537.36")]
    [InlineData("Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16")]
    [InlineData("Lynx/2.9.0 libwww-FM/2.14 SSL-MM/1.4.1")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0) \"odd\" Gecko")]
    public void In_an_access_log_a_browsers_user_agent_is_not_taken_for_a_program(string agent) =>
        Assert.False(Bots.IsProgram(agent));

    [Theory]
    [InlineData("Googlebot", UserAgent.MaxLength, true, "where it is still read")]
    [InlineData("Googlebot", UserAgent.MaxLength + 1, false, "a character behind that")]
    [InlineData("curl/8", UserAgent.MaxLength, true, "a part, where it is still read")]
    public void Words_behind_the_maximum_length_are_ignored(string word, int length, bool isBot, string because)
    {
        Assert.True(isBot == Bots.IsBot(word.PadLeft(length)), because);
        Assert.True(isBot == Bots.IsProgram(word.PadLeft(length)), because);
    }

    [Fact]
    public void Words_of_page_fetchers_behind_the_maximum_length_are_ignored_too()
    {
        Assert.True(Bots.IsProgram("okhttp/".PadLeft(UserAgent.MaxLength)));
        Assert.False(Bots.IsProgram("okhttp/".PadLeft(UserAgent.MaxLength + 8) + " "));
    }

    [Fact]
    public void Any_text_is_judged_without_an_exception() =>
        Gen.Select(Gen.String, Gen.OneOf("bot", "botbot", "cubot", "")).Sample(
            (text, word) => Bots.IsBot(word + text) == Bots.IsBot(word + text), iter: 10_000);

    [Fact]
    public void The_words_are_sorted_unique_lower_case_and_of_a_known_kind()
    {
        var seen = new HashSet<string>();
        string previous = "";
        foreach (string line in Lines())
        {
            // A group begins with a comment.
            string word = line.StartsWith('#') ? "" : line.Split('\t')[0];
            if (word.Length > 0)
            {
                Assert.True(string.CompareOrdinal(previous, word) < 0, $"{word} stands after {previous}");
                Assert.True(seen.Add(word), $"{word} stands twice");
                Assert.Equal(word.Trim().ToLowerInvariant(), word);
                Assert.Contains(line.Split('\t')[1], new[] { "part", "end", "people", "log" });
            }

            previous = word;
        }
    }

    /// <summary>The rows of the table: a word and how it is looked for.</summary>
    public static TheoryData<string, string> Words()
    {
        TheoryData<string, string> words = [];
        foreach (string[] row in Lines().Where(line => line.Length > 0 && !line.StartsWith('#')).Select(line => line.Split('\t')))
        {
            words.Add(row[0], row[1]);
        }

        return words;
    }

    private static IEnumerable<string> Lines()
    {
        using Stream file = typeof(Bots).Assembly.GetManifestResourceStream("bots.tsv")!;
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
