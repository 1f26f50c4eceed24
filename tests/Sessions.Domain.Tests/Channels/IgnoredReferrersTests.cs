using Sessions.Domain.Channels;

namespace Sessions.Domain.Tests.Channels;

/// <summary>Ignored referrers, such as a sign-in page that sends visitors back to the site.</summary>
public sealed class IgnoredReferrersTests
{
    private readonly IgnoredReferrers _ignored = new(["accounts.google.com", "*.Auth0.com", " login.example "]);

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
    [InlineData(".auth0.com", true, "an empty label before it")]
    [InlineData("login.example", true, "blanks around an entry don't count")]
    [InlineData("$direct", false, "no referrer is not one to ignore")]
    [InlineData("", false, "nor is an empty one")]
    public void An_entry_covers_the_host_and_its_subdomains(string referringDomain, bool ignored, string because) =>
        Assert.True(ignored == _ignored.Strip(referringDomain) is null, because);

    [Fact]
    public void An_ignored_referrer_counts_as_absent_and_not_as_direct()
    {
        var settings = new ChannelSettings { IgnoredReferrers = _ignored };
        var back = new ChannelInput { ReferringDomain = "accounts.google.com" };

        Assert.Equal("Organic Search", ChannelType.Decide(back, ChannelSettings.Default));
        Assert.Equal("Unknown", ChannelType.Decide(back, settings));
        Assert.Equal("Email", ChannelType.Decide(back with { UtmMedium = "email" }, settings));
    }

    [Fact]
    public void Custom_rules_see_no_ignored_referrer()
    {
        var rule = new ChannelRule("1", "AND", [new ChannelCondition("referring_domain", "is_set", [])], "Own");
        var settings = new ChannelSettings { IgnoredReferrers = _ignored, Rules = new ChannelRules([rule]) };

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
    public void An_entry_that_is_not_a_host_is_refused_with_its_index(string? entry) =>
        Assert.Equal("ignored_referrers[1]", Assert.Single(IgnoredReferrers.Problems(["auth0.com", entry])).Field);

    [Theory]
    [InlineData(249, true)] // 253 characters, the longest host name there is
    [InlineData(250, false)]
    public void A_host_may_have_up_to_253_characters(int length, bool isHost) =>
        Assert.Equal(isHost, !IgnoredReferrers.Problems([new string('x', length) + ".com"]).Any());

    [Fact]
    public void Too_many_hosts_are_refused_with_one_error()
    {
        string[] hosts = [.. Enumerable.Range(0, HostList.MaxHosts).Select(i => $"h{i}.example"), "no host"];

        Assert.Equal(
            [new SettingProblem("ignored_referrers", "has 501 hosts; at most 500 are allowed")], IgnoredReferrers.Problems(hosts));
        Assert.Equal(
            [new SettingProblem("ignored_referrers[499]", "must be a host such as \"accounts.google.com\", without scheme, port or path")],
            IgnoredReferrers.Problems(hosts[1..]));
        Assert.Empty(IgnoredReferrers.Problems(hosts[..^1]));
    }

    [Fact]
    public void An_empty_list_ignores_no_referrer_and_an_absent_referrer_stays_absent()
    {
        Assert.Equal("a.example", IgnoredReferrers.None.Strip("a.example"));
        Assert.Null(IgnoredReferrers.None.Strip(null));
        Assert.Null(_ignored.Strip(null));
    }
}
