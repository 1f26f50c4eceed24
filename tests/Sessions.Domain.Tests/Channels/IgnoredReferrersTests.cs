using Sessions.Domain.Channels;

namespace Sessions.Domain.Tests.Channels;

/// <summary>A sign-in page that sends people back is not where they came from.</summary>
public sealed class IgnoredReferrersTests
{
    private static readonly IgnoredReferrers Ignored = new(["accounts.google.com", "*.Auth0.com", " login.example "]);

    [Theory]
    [InlineData("accounts.google.com", true, "the host itself")]
    [InlineData("Accounts.Google.Com", true, "in any case")]
    [InlineData("accounts.google.com:443", true, "on any port")]
    [InlineData("eu.accounts.google.com", true, "below it")]
    [InlineData("www.google.com", false, "beside it")]
    [InlineData("google.com", false, "above it")]
    [InlineData("myaccounts.google.com", false, "a longer label")]
    [InlineData("tenant.eu.auth0.com", true, "below an entry with a star")]
    [InlineData("auth0.com", true, "the entry with a star itself")]
    [InlineData("login.example", true, "blanks around an entry don't count")]
    [InlineData("$direct", false, "no referrer is not one to ignore")]
    [InlineData("", false, "nor is an empty one")]
    public void An_entry_means_the_host_and_all_below_it(string referringDomain, bool ignored, string because) =>
        Assert.True(ignored == Ignored.Strip(referringDomain) is null, because);

    [Fact]
    public void An_ignored_referrer_is_absent_and_not_direct()
    {
        var settings = new ChannelSettings { IgnoredReferrers = Ignored };
        var back = new ChannelInput { ReferringDomain = "accounts.google.com" };

        Assert.Equal("Organic Search", ChannelType.Decide(back, ChannelSettings.Default));
        Assert.Equal("Unknown", ChannelType.Decide(back, settings));
        Assert.Equal("Email", ChannelType.Decide(back with { UtmMedium = "email" }, settings));
    }

    [Fact]
    public void Custom_rules_see_no_ignored_referrer()
    {
        var rule = new ChannelRule("1", "AND", [new ChannelCondition("referring_domain", "is_set", [])], "Own");
        var settings = new ChannelSettings { IgnoredReferrers = Ignored, Rules = new ChannelRules([rule]) };

        Assert.Equal("Unknown", ChannelType.Decide(new ChannelInput { ReferringDomain = "auth0.com" }, settings));
        Assert.Equal("Own", ChannelType.Decide(new ChannelInput { ReferringDomain = "example.com" }, settings));
    }

    [Theory]
    [InlineData("https://accounts.google.com")]
    [InlineData("accounts.google.com/signin")]
    [InlineData("accounts.google.com:443")]
    [InlineData("a..b")]
    [InlineData("*")]
    [InlineData(" ")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_no_host_is_named(string? entry) =>
        Assert.Equal("ignored_referrers[1]", Assert.Single(IgnoredReferrers.Problems(["auth0.com", entry])).Field);

    [Fact]
    public void Too_many_hosts_are_refused()
    {
        string[] hosts = Enumerable.Range(0, HostList.MaxHosts + 1).Select(i => $"h{i}.example").ToArray();

        Assert.Equal("ignored_referrers", Assert.Single(IgnoredReferrers.Problems(hosts)).Field);
        Assert.Empty(IgnoredReferrers.Problems(hosts[1..]));
    }
}
