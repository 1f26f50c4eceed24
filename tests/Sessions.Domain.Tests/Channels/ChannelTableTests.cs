using Sessions.Domain.Channels;

namespace Sessions.Domain.Tests.Channels;

/// <summary>The channel table: its content, how it is looked up, and that its file is in order.</summary>
public sealed class ChannelTableTests
{
    private static readonly string[] DomainTypes =
        ["Affiliate", "AI", "Audio", "Display", "Email", "Push", "Referral", "Search", "Shopping", "SMS", "Social", "Video"];

    /// <summary>Sources as browsers and campaigns name them, by domain type.</summary>
    public static TheoryData<string, string> KnownSources() => EachOf(
        ("Search", "www.bing.com duckduckgo.com html.duckduckgo.com search.yahoo.com de.search.yahoo.com yahoo.co.jp search.yahoo.co.jp"),
        ("Search", "www.google.de www.google.co.uk www.google.com.tr images.google.fr scholar.google.it maps.google.pl"),
        ("Search", "yandex.ru yandex.com.tr yandex.kz ya.ru www.baidu.com m.baidu.com www.sogou.com www.so.com m.sm.cn"),
        ("Search", "search.naver.com m.search.naver.com search.daum.net search.seznam.cz www.ecosia.org www.qwant.com www.startpage.com"),
        ("Search", "search.brave.com kagi.com www.mojeek.com swisscows.com metager.de suche.web.de suche.t-online.de suche.gmx.net"),
        ("Search", "szukaj.onet.pl szukaj.wp.pl pesquisa.sapo.pt ricerca.virgilio.it lemoteur.orange.fr search.free.fr buscador.terra.es"),
        ("Search", "coccoc.com www.lycos.de search.aol.com suche.aol.de www.ask.com de.ask.com uk.ask.com www.zapmeta.ws 123people.at"),
        ("Search", "meta.rrzn.uni-hannover.de gais.cs.ccu.edu.tw www.google.interia.pl apollo.lv go.mail.ru nova.rambler.ru"),
        ("Search", "com.google.android.googlequicksearchbox google bing duckduckgo yandex googleads adwords"),
        ("Social", "www.facebook.com lm.facebook.com www.instagram.com l.instagram.com t.co x.com twitter.com www.linkedin.com lnkd.in"),
        ("Social", "www.reddit.com old.reddit.com out.reddit.com www.tiktok.com www.pinterest.com www.pinterest.co.uk at.pinterest.com pin.it"),
        ("Social", "vk.com m.vk.com away.vk.com ok.ru my.mail.ru weibo.com t.cn mp.weixin.qq.com qzone.qq.com www.zhihu.com www.douyin.com"),
        ("Social", "bsky.app go.bsky.app mastodon.social fosstodon.org hachyderm.io www.threads.net l.threads.com news.ycombinator.com"),
        ("Social", "web.whatsapp.com wa.me t.me web.telegram.org discord.com app.slack.com teams.microsoft.com l.messenger.com chat.google.com"),
        ("Social", "com.facebook.katana com.twitter.android com.linkedin.android org.telegram.messenger facebook fb ig twitter linkedin"),
        ("Social", "www.xing.com mixi.jp gree.jp www.taringa.net www.last.fm lastfm.de stackoverflow.com github.com www.quora.com"),
        ("Video", "www.youtube.com m.youtube.com youtu.be vimeo.com player.vimeo.com www.twitch.tv www.dailymotion.com v.qq.com"),
        ("Shopping", "www.amazon.com amazon.co.uk www.amazon.com.br amzn.to www.ebay.de www.etsy.com shopping.google.com www.idealo.de allegro.pl"),
        ("Email", "mail.google.com outlook.live.com outlook.office.com mail.yahoo.com mail.proton.me deref-gmx.net e.mail.ru mail.qq.com"),
        ("Email", "com.google.android.gm com.microsoft.office.outlook email e-mail newsletter mailchimp klaviyo hs_email"),
        ("SMS", "sms mms messages.google.com com.google.android.apps.messaging"),
        ("Push", "push web_push onesignal onesignal.com"));

    public static TheoryData<string, bool> Assistants() => EachOf(
        (true, "chatgpt.com www.chatgpt.com chat.openai.com perplexity.ai www.perplexity.ai claude.ai gemini.google.com copilot.microsoft.com"),
        (true, "grok.com meta.ai chat.mistral.ai chat.deepseek.com chat.qwen.ai notebooklm.google.com you.com duck.ai poe.com com.openai.chatgpt"),
        (false, "google.com www.bing.com microsoft.com x.com baidu.com proton.me google"));

    private static TheoryData<string, T> EachOf<T>(params (T Expected, string Sources)[] lines)
    {
        TheoryData<string, T> cases = [];
        foreach ((T expected, string sources) in lines)
        {
            foreach (string source in sources.Split(' '))
            {
                cases.Add(source, expected);
            }
        }

        return cases;
    }

    [Theory]
    [InlineData("www.google.com", "google.com")]
    [InlineData("www.google.co.uk", "google.co.uk")]
    [InlineData("a.b.google.com.br", "google.com.br")]
    [InlineData("search.yahoo.co.jp", "yahoo.co.jp")]
    [InlineData("www.goo.ne.jp", "goo.ne.jp")]
    [InlineData("google.com", "google.com")]
    [InlineData("co.uk", "co.uk")]
    [InlineData("t.co", "t.co")]
    [InlineData("www.t.co", "t.co")]
    [InlineData("com.google.android.gm", "android.gm")]
    [InlineData("google", "")]
    [InlineData("$direct", "")]
    [InlineData("", "")]
    [InlineData("..", ".")]
    [InlineData(".", ".")]
    public void A_host_is_cut_to_its_registrable_domain(string host, string domain) =>
        Assert.Equal(domain, RegistrableDomain.Of(host).ToString());

    [Theory]
    [InlineData("ne.jp or.jp go.jp ad.jp ed.jp gr.jp lg.jp co.jp ac.jp me.uk ltd.uk plc.uk sch.uk co.uk gov.uk id.au asn.au com.au edu.au")]
    [InlineData("firm.in gen.in ind.in net.in or.kr re.kr pe.kr go.kr or.id go.id web.id or.th in.th go.th or.at gv.at")]
    [InlineData("gob.mx gob.ar gob.es nom.br art.br eng.br com.br org.br web.tr gen.tr biz.tr gen.nz geek.nz maori.nz web.za")]
    [InlineData("biz.pl info.pl waw.pl in.ua kiev.ua msk.ru spb.ru idv.tw muni.il or.cr uk.com us.com de.com eu.com")]
    public void A_domain_under_a_two_label_suffix_keeps_three_labels(string suffixes) =>
        Assert.All(suffixes.Split(' '), suffix => Assert.Equal($"shop.{suffix}", RegistrableDomain.Of($"www.shop.{suffix}").ToString()));

    [Theory]
    [InlineData("or.de ne.uk in.at msk.pl kiev.ru com.info uk.org")]
    [InlineData("co.12 com.a1 co.uk1")] // no country
    public void A_suffix_of_one_country_is_an_ordinary_domain_in_another(string hosts) =>
        Assert.All(hosts.Split(' '), host => Assert.Equal(host, RegistrableDomain.Of($"www.shop.{host}").ToString()));

    [Theory]
    [InlineData("google.com", "Search", "the family's .com")]
    [InlineData("google.de", "Search", "in a country")]
    [InlineData("google.co.uk", "Search", "in a country, two labels")]
    [InlineData("news.google.com.au", "Search", "a part of the family")]
    [InlineData("google.dev", null, "not under the newer endings")]
    [InlineData("google.example.com", null, "not as a label of somebody else's")]
    [InlineData("mygoogle.com", null, "not as a part of a word")]
    [InlineData("plus.google.com", "Social", "an exact row wins over the family")]
    [InlineData("mail.google.com", "Email", "an exact row wins over the family")]
    [InlineData("market.yandex.ru", "Shopping", "an exact row wins over the family")]
    [InlineData("news.ycombinator.com", "Social", "an exact row where the domain has none")]
    [InlineData("www.ycombinator.com", null, "the domain has none")]
    [InlineData("l.facebook.com", "Social", "any host of a listed domain")]
    [InlineData("L.Facebook.Com", "Social", "hosts have no case")]
    [InlineData("notfacebook.com", null, "but not another domain")]
    public void The_most_specific_row_of_the_table_wins(string host, string? type, string because) =>
        Assert.True(ChannelTable.Source(host)?.DomainType == type, because);

    [Theory]
    [MemberData(nameof(KnownSources))]
    public void Well_known_sources_are_in_the_table(string source, string type) =>
        Assert.Equal(type, ChannelTable.Source(source)?.DomainType);

    [Theory]
    [MemberData(nameof(Assistants))]
    public void AI_assistants_are_distinguished_from_the_sites_that_host_them(string source, bool isAssistant) =>
        Assert.Equal(isAssistant, ChannelTable.IsAssistant(source));

    [Fact]
    public void Every_row_has_a_known_kind_domain_type_and_channel()
    {
        Assert.All(ChannelTable.Rows, row =>
        {
            Assert.Contains(row.Kind, new[] { "source", "medium", "assistant" });
            Assert.Contains(row.DomainType, DomainTypes);
            Assert.True(row.IfPaid is null || ChannelName.All.Contains(row.IfPaid), row.ToString());
            Assert.True(row.IfOrganic is null || ChannelName.All.Contains(row.IfOrganic), row.ToString());
            Assert.True(row.IfPaid is not null || row.IfOrganic is not null, row.ToString());
        });
    }

    [Fact]
    public void Every_value_is_unique_within_its_kind_trimmed_and_lower_case()
    {
        Assert.DoesNotContain(ChannelTable.Rows.GroupBy(row => (row.Value, row.Kind)), twins => twins.Count() > 1);
        Assert.All(ChannelTable.Rows, row => Assert.Equal(row.Value.Trim().ToLowerInvariant(), row.Value));
        Assert.All(ChannelTable.Rows, row => Assert.NotEmpty(row.Value));
    }

    [Fact]
    public void A_domain_type_means_the_same_channels_in_every_row_of_a_kind()
    {
        var mixed = ChannelTable.Rows.Where(row => row.Kind != "medium")
            .GroupBy(row => (row.Kind, row.DomainType))
            .Where(rows => rows.Select(row => (row.IfPaid, row.IfOrganic)).Distinct().Count() > 1);

        Assert.Empty(mixed);
    }

    [Fact]
    public void Rows_are_in_order_within_their_group()
    {
        // A group begins with a comment.
        using Stream file = typeof(ChannelTable).Assembly.GetManifestResourceStream("channels.tsv")!;
        using var reader = new StreamReader(file);
        string previous = "";
        while (reader.ReadLine() is { } line)
        {
            string value = line.StartsWith('#') ? "" : line.Split('\t')[0];
            Assert.True(value.Length == 0 || string.CompareOrdinal(previous, value) < 0, $"{value} stands after {previous}");
            previous = value;
        }
    }

    [Fact]
    public void The_table_has_26_mediums() => Assert.Equal(26, ChannelTable.Rows.Count(row => row.Kind == "medium"));
}
