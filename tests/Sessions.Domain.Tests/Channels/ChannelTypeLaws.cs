using System.Text.RegularExpressions;
using CsCheck;
using Sessions.Domain.Channels;

namespace Sessions.Domain.Tests.Channels;

/// <summary>Laws for the channel of any visit, with random texts in its links.</summary>
public sealed class ChannelTypeLaws
{
    // Words that the procedure knows, so that random visits get past its first steps, beside any text at all.
    private static readonly Gen<string?> Text = Gen.Frequency(
        (3, Gen.Const((string?)null)),
        (1, Gen.Const((string?)"")),
        (4, Gen.OneOf<string?>(
            "null", "google", "www.google.co.uk", "facebook", "newsletter", "$direct", "direct", "cpc", "PAID", "display",
            "webpush", "email", "e-shop", "workshop", "cross-network", "video", "chatgpt.com", "1", ".", "..", "a..b.", "co.uk")),
        (3, Gen.String.Select(text => (string?)text)));

    private static readonly Gen<ChannelInput> Visit =
        from source in Text
        from medium in Text
        from campaign in Text
        from referrer in Text
        from gclid in Text
        from fbclid in Text
        from gadSource in Text
        from url in Text
        select new ChannelInput
        {
            UtmSource = source,
            UtmMedium = medium,
            UtmCampaign = campaign,
            ReferringDomain = referrer,
            Gclid = gclid,
            Fbclid = fbclid,
            GadSource = gadSource,
            Url = url,
        };

    private static readonly ChannelSettings Settings = new()
    {
        AiChannel = true,
        IgnoredReferrers = new IgnoredReferrers(["accounts.google.com", "co.uk"]),
        Rules = new ChannelRules(
        [
            new("1", "AND", [new("url", "regex", ["^(x+x+)+y"]), new("utm_source", "not_icontains", ["z"])], "Own"),
        ]),
    };

    [Fact]
    public void Every_visit_gets_a_channel_and_always_the_same_one() =>
        Visit.Sample(
            visit =>
            {
                string channel = ChannelType.Decide(visit, Settings);
                return channel == ChannelType.Decide(visit with { }, Settings)
                    && (channel == "Own" || ChannelName.All.Contains(channel));
            },
            iter: 20_000);

    [Fact]
    public void An_absent_value_an_empty_value_and_the_text_null_give_the_same_channel() =>
        Gen.Select(Visit, Gen.OneOf("", "null")).Sample(
            (visit, absent) =>
                ChannelType.Decide(visit, Settings) == ChannelType.Decide(
                    visit with
                    {
                        UtmSource = visit.UtmSource ?? absent,
                        UtmMedium = visit.UtmMedium ?? absent,
                        UtmCampaign = visit.UtmCampaign ?? absent,
                        ReferringDomain = visit.ReferringDomain ?? absent,
                        Gclid = visit.Gclid ?? absent,
                        Fbclid = visit.Fbclid ?? absent,
                        GadSource = visit.GadSource ?? absent,
                        Url = visit.Url ?? absent,
                    },
                    Settings),
            iter: 10_000);

    [Fact]
    public void The_scan_for_shop_campaigns_matches_what_PostHogs_regular_expression_matches()
    {
        var described = new Regex("(([^a-df-z]|^)shop|shopping)", RegexOptions.Singleline);

        Gen.String[Gen.Char["shoping e-w\n"], 0, 16].Sample(
            campaign => Campaign.IsShopping(campaign) == described.IsMatch(campaign),
            iter: 20_000);
        Gen.OneOf("shop", "shopping", "work", "e", "-", "s", "\n", "ping").Array[0, 6].Sample(
            words => Campaign.IsShopping(string.Concat(words)) == described.IsMatch(string.Concat(words)),
            iter: 20_000);
    }
}
