using Sessions.Domain.Channels;
using Sessions.Domain.Events;

namespace Sessions.Domain.Tests.Channels;

/// <summary>
/// The rules that decide a visit's channel, step by step. A visit is written as its inputs: source, medium, campaign,
/// ref (referring domain), gclid, fbclid, gad (gad_source). An input that is not written is absent.
/// </summary>
public sealed class ChannelTypeTests
{
    [Theory]
    // Step 1: the campaign's name
    [InlineData("campaign=cross-network", "Cross Network", "the campaign says so")]
    [InlineData("campaign=eu-Cross-Network-2", "Cross Network", "anywhere in it, in any case")]
    [InlineData("campaign=cross-network source=google medium=cpc gclid=x", "Cross Network", "before everything paid")]
    [InlineData("campaign=cross_network ref=$direct", "Direct", "but not spelt otherwise")]
    public void A_cross_network_campaign_decides_the_channel_before_everything_else(
        string visit, string channel, string because) =>
        Expect(visit, channel, because);

    [Theory]
    // What makes a visit paid
    [InlineData("source=google medium=cpc", "Paid Search", "cpc")]
    [InlineData("source=google medium=CPC", "Paid Search", "mediums have no case")]
    [InlineData("source=google medium=cpm", "Paid Search", "cpm")]
    [InlineData("source=google medium=cpv", "Paid Search", "cpv")]
    [InlineData("source=google medium=cpa", "Paid Search", "cpa")]
    [InlineData("source=google medium=ppc", "Paid Search", "ppc")]
    [InlineData("source=google medium=retargeting", "Paid Search", "retargeting")]
    [InlineData("source=google medium=paid", "Paid Search", "paid")]
    [InlineData("source=google medium=paid_social", "Paid Search", "begins with paid; the source says what")]
    [InlineData("source=google medium=unpaid", "Organic Search", "does not begin with paid")]
    [InlineData("source=google medium=cpcs", "Organic Search", "is not cpc")]
    [InlineData("source=google gclid=x", "Paid Search", "a gclid")]
    [InlineData("source=google gclid=", "Organic Search", "an empty gclid is absent")]
    [InlineData("source=google gclid=null", "Organic Search", "so is the word null")]
    [InlineData("source=google gad=5", "Paid Search", "any gad_source")]
    [InlineData("source=google gad=", "Organic Search", "an empty one is absent")]
    [InlineData("source=google fbclid=x", "Organic Search", "an fbclid does not: people share such links")]
    public void A_click_is_paid_by_medium_gclid_or_gad_source(string visit, string channel, string because) =>
        Expect(visit, channel, because);

    [Theory]
    // Step 2a: the source
    [InlineData("source=facebook medium=cpc", "Paid Social", "a social source")]
    [InlineData("source=youtube medium=cpc", "Paid Video", "a video source")]
    [InlineData("source=amazon medium=cpc", "Paid Shopping", "a shopping source")]
    [InlineData("source=Facebook medium=cpc", "Paid Social", "sources have no case")]
    [InlineData("source=facebook medium=cpc ref=www.google.com", "Paid Social", "source before referring domain")]
    [InlineData("source=facebook medium=cpc campaign=shopping", "Paid Social", "source before campaign")]
    [InlineData("source=newsletter medium=cpc ref=www.google.com", "Paid Search", "e-mail has no paid type: falls through")]
    [InlineData("source=newsletter medium=cpc", "Paid Unknown", "falls through to the end")]
    // Step 2b: a shop in the campaign
    [InlineData("medium=cpc campaign=spring-shop", "Paid Shopping", "shop after a dash")]
    [InlineData("medium=cpc campaign=shop", "Paid Shopping", "shop alone")]
    [InlineData("medium=cpc campaign=eshop", "Paid Shopping", "shop after an e")]
    [InlineData("medium=cpc campaign=E-Shop", "Paid Shopping", "campaigns have no case")]
    [InlineData("medium=cpc campaign=workshop", "Paid Unknown", "a workshop is no shop")]
    [InlineData("medium=cpc campaign=ashop", "Paid Unknown", "nor is any other word that ends so")]
    [InlineData("medium=cpc campaign=zshop", "Paid Unknown", "up to the last letter")]
    [InlineData("medium=cpc campaign=workshop-shop", "Paid Shopping", "but a shop after it is")]
    [InlineData("medium=cpc campaign=windowshopping", "Paid Shopping", "shopping after any letter")]
    [InlineData("medium=cpc campaign=2shops", "Paid Shopping", "shop after a digit, and going on")]
    [InlineData("medium=cpm campaign=shop", "Paid Shopping", "campaign before medium")]
    // Step 2c: the medium
    [InlineData("medium=cpm", "Display", "cpm")]
    [InlineData("medium=banner gclid=x", "Display", "banner, paid by gclid")]
    [InlineData("medium=social gclid=x", "Paid Social", "social, paid by gclid")]
    [InlineData("medium=video gclid=x", "Paid Video", "video, paid by gclid")]
    [InlineData("medium=email gclid=x", "Paid Unknown", "email has no paid type")]
    [InlineData("medium=cpm ref=www.google.com", "Display", "medium before referring domain")]
    // Step 2d: the referring domain
    [InlineData("medium=cpc ref=www.google.com", "Paid Search", "a search domain")]
    [InlineData("source=unknown medium=cpc ref=l.facebook.com", "Paid Social", "when the source says nothing")]
    [InlineData("gad=1 ref=www.youtube.com", "Paid Video", "before gad_source")]
    // Step 2e: what is left
    [InlineData("gad=1", "Paid Search", "gad_source 1 is Google's search")]
    [InlineData("gad=1 campaign=video", "Paid Search", "gad_source 1 before the campaign")]
    [InlineData("gad=2", "Paid Unknown", "another gad_source only says paid")]
    [InlineData("gad=2 campaign=my-videos", "Paid Video", "a video in the campaign")]
    [InlineData("gclid=x campaign=video fbclid=x", "Paid Video", "the campaign before fbclid")]
    [InlineData("medium=cpc fbclid=x", "Paid Social", "an fbclid")]
    [InlineData("source=somewhere medium=cpc", "Paid Unknown", "cpc with an unknown source")]
    [InlineData("gclid=x ref=example.com", "Paid Unknown", "a gclid with an unknown domain is no Paid Search")]
    [InlineData("gclid=x ref=$direct", "Paid Unknown", "paid is never direct")]
    public void A_paid_visit_gets_the_channel_of_the_first_rule_that_matches(
        string visit, string channel, string because) =>
        Expect(visit, channel, because);

    [Theory]
    // Step 3
    [InlineData("ref=$direct", "Direct", "no referrer, no tags")]
    [InlineData("ref=$direct source=direct", "Direct", "a source that says so")]
    [InlineData("ref=$direct source=(direct)", "Direct", "as Google Analytics writes it")]
    [InlineData("ref=$direct source=$direct", "Direct", "as PostHog writes it")]
    [InlineData("ref=$direct source=Direct", "Direct", "sources have no case")]
    [InlineData("ref=$direct source=null medium=", "Direct", "null and empty are absent")]
    [InlineData("ref=$direct campaign=video", "Direct", "a campaign does not matter")]
    [InlineData("ref=$direct campaign=shop", "Direct", "not even a shop")]
    [InlineData("ref=$direct source=direct campaign=shop", "Direct", "with a source that says so too")]
    [InlineData("ref=$direct source=(direct) campaign=shop", "Direct", "as Google Analytics writes it")]
    [InlineData("ref=$direct medium=email", "Email", "a medium does")]
    [InlineData("ref=$direct source=google", "Organic Search", "another source does")]
    [InlineData("ref=$direct fbclid=x", "Organic Social", "an fbclid does")]
    [InlineData("ref=example.com source=direct", "Referral", "with a referrer it is none")]
    public void A_visit_without_referrer_and_tags_is_direct(string visit, string channel, string because) =>
        Expect(visit, channel, because);

    [Theory]
    // Step 4a: the source
    [InlineData("source=google", "Organic Search", "a search source")]
    [InlineData("source=twitter", "Organic Social", "a social source")]
    [InlineData("source=youtube", "Organic Video", "a video source")]
    [InlineData("source=amazon", "Organic Shopping", "a shopping source")]
    [InlineData("source=newsletter", "Email", "an e-mail source")]
    [InlineData("source=sms", "SMS", "sms")]
    [InlineData("source=onesignal", "Push", "a push source")]
    [InlineData("source=m.facebook.com", "Organic Social", "a source can be a host")]
    [InlineData("source=com.google.android.gm", "Email", "or an app")]
    [InlineData("source=google medium=email", "Organic Search", "source before medium")]
    [InlineData("source=google campaign=shop", "Organic Search", "source before campaign")]
    [InlineData("source=newsletter ref=www.google.com", "Email", "source before referring domain")]
    // Step 4b: a shop in the campaign
    [InlineData("campaign=e-shop", "Organic Shopping", "an e-shop")]
    [InlineData("campaign=workshop", "Unknown", "a workshop is none")]
    [InlineData("campaign=shop medium=email", "Organic Shopping", "campaign before medium")]
    [InlineData("campaign=shop ref=www.google.com", "Organic Shopping", "campaign before referring domain")]
    // Step 4c: the medium
    [InlineData("medium=email ref=www.google.com", "Email", "medium before referring domain")]
    [InlineData("medium=sms", "Unknown", "SMS comes from the source only")]
    // Step 4d: the referring domain
    [InlineData("ref=www.google.com", "Organic Search", "a search domain")]
    [InlineData("ref=www.bing.com source=unknown medium=unknown", "Organic Search", "when the tags say nothing")]
    [InlineData("ref=www.google.com campaign=video", "Organic Search", "before a video in the campaign")]
    [InlineData("ref=www.google.com medium=webpush", "Organic Search", "before a medium that ends in push")]
    // Step 4e: what is left
    [InlineData("campaign=launch-video ref=example.com", "Organic Video", "a video in the campaign")]
    [InlineData("campaign=video medium=webpush", "Organic Video", "the campaign before the medium's end")]
    [InlineData("medium=webpush ref=example.com", "Push", "a medium that ends in push")]
    [InlineData("medium=Mobile_Push", "Push", "in any case")]
    [InlineData("medium=pushed ref=example.com", "Referral", "push not at the end")]
    [InlineData("medium=webpush fbclid=x", "Push", "the medium's end before fbclid")]
    [InlineData("fbclid=x ref=example.com", "Organic Social", "an fbclid before the referrer")]
    [InlineData("fbclid=x", "Organic Social", "or without one")]
    [InlineData("ref=$direct source=flyer medium=print", "Direct", "unknown tags don't prevent direct")]
    [InlineData("ref=example.com", "Referral", "any other referrer")]
    [InlineData("ref=example.com source=flyer", "Referral", "whatever unknown tags say")]
    [InlineData("source=flyer", "Unknown", "no referrer known")]
    [InlineData("ref=", "Unknown", "an empty referrer is absent")]
    [InlineData("ref=null", "Unknown", "so is the word null")]
    [InlineData("", "Unknown", "nothing at all")]
    public void An_organic_visit_gets_the_channel_of_the_first_rule_that_matches(
        string visit, string channel, string because) =>
        Expect(visit, channel, because);

    [Theory]
    [InlineData("affiliate partnership partnerships", "Affiliate", "Paid Unknown")]
    [InlineData("app link referral", "Referral", "Paid Unknown")]
    [InlineData("audio", "Audio", "Paid Unknown")]
    [InlineData("email e-mail e_mail e+mail", "Email", "Paid Unknown")]
    [InlineData("mobile notification push", "Push", "Paid Unknown")]
    [InlineData("sm social social+media social+network social-media social-network", "Organic Social", "Paid Social")]
    [InlineData("video", "Organic Video", "Paid Video")]
    [InlineData("banner display expandable interstitial", "Display", "Display")]
    public void A_medium_has_one_channel_for_paid_visits_and_one_for_organic_visits(
        string mediums, string organic, string paid)
    {
        foreach (string medium in mediums.Split(' '))
        {
            Expect($"medium={medium}", organic, "not paid");
            Expect($"medium={medium} gclid=x", paid, "paid");
        }
    }

    [Theory]
    [InlineData("ref=chatgpt.com", "AI", "Referral", "an assistant's site")]
    [InlineData("ref=www.perplexity.ai", "AI", "Referral", "below its domain")]
    [InlineData("ref=gemini.google.com", "AI", "Organic Search", "a part of a search engine")]
    [InlineData("ref=www.google.com", "Organic Search", "Organic Search", "which itself is none")]
    [InlineData("ref=copilot.microsoft.com", "AI", "Referral", "a part of another site")]
    [InlineData("ref=www.microsoft.com", "Referral", "Referral", "which itself is none")]
    [InlineData("source=chatgpt.com ref=$direct", "AI", "Direct", "the tag that ChatGPT adds")]
    [InlineData("source=ChatGPT", "AI", "Unknown", "a bare name")]
    [InlineData("source=chatgpt.com medium=referral", "AI", "Referral", "before the medium")]
    [InlineData("source=newsletter medium=email ref=claude.ai", "AI", "Email", "a tagged link that an assistant cites")]
    [InlineData("source=chatgpt.com medium=cpc", "Paid Unknown", "Paid Unknown", "a paid click stays paid")]
    [InlineData("gclid=x ref=chatgpt.com", "Paid Unknown", "Paid Unknown", "by gclid too")]
    [InlineData("campaign=cross-network ref=chatgpt.com", "Cross Network", "Cross Network", "after the first step")]
    public void Visits_from_assistants_are_in_the_AI_channel_when_the_project_turns_it_on(
        string visit, string on, string off, string because)
    {
        Assert.True(ChannelType.Decide(Visit(visit), new ChannelSettings { AiChannel = true }) == on, because);
        Expect(visit, off, because);
    }

    [Fact]
    public void The_channel_inputs_come_from_the_start_page()
    {
        string?[] adIds = [.. AdIds.Names.Select(name => name is "gclid" or "fbclid" or "gad_source" ? name : null)];
        var page = new EventFacts
        {
            UtmSource = "source",
            UtmMedium = "medium",
            UtmCampaign = "campaign",
            ReferringDomain = "referrer",
            AdIdValues = adIds,
            CurrentUrl = "https://Example.com:8080/path?a=b",
        };

        Assert.Equal(
            new ChannelInput
            {
                UtmSource = "source",
                UtmMedium = "medium",
                UtmCampaign = "campaign",
                ReferringDomain = "referrer",
                Gclid = "gclid",
                Fbclid = "fbclid",
                GadSource = "gad_source",
                Url = "https://Example.com:8080/path?a=b",
                Pathname = "/path",
                Hostname = "example.com",
            },
            ChannelInput.Of(page, ShownPage.Of(Shows.Page, page)));
        Assert.Equal(new ChannelInput(), ChannelInput.Of(EventFacts.None, default));
    }

    [Fact]
    public void Every_channel_of_the_table_is_in_the_list_of_channel_names()
    {
        var named = ChannelTable.Rows.SelectMany(row => new[] { row.IfPaid, row.IfOrganic }).OfType<string>().Distinct();

        Assert.Empty(named.Except(ChannelName.All));
    }

    private static void Expect(string visit, string channel, string because)
    {
        string decided = ChannelType.Decide(Visit(visit), ChannelSettings.Default);

        Assert.True(channel == decided, $"{visit}: {because}. Expected {channel}, was {decided}.");
    }

    private static ChannelInput Visit(string visit)
    {
        // "+" stands for a blank within a value.
        var inputs = visit.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(input => input.Split('=', 2))
            .ToDictionary(input => input[0], input => input[1].Replace('+', ' '));

        return new ChannelInput
        {
            UtmSource = inputs.GetValueOrDefault("source"),
            UtmMedium = inputs.GetValueOrDefault("medium"),
            UtmCampaign = inputs.GetValueOrDefault("campaign"),
            ReferringDomain = inputs.GetValueOrDefault("ref"),
            Gclid = inputs.GetValueOrDefault("gclid"),
            Fbclid = inputs.GetValueOrDefault("fbclid"),
            GadSource = inputs.GetValueOrDefault("gad"),
        };
    }
}
