using Sessions.Domain.Folding;


namespace Sessions.Domain.Tests.Folding;

/// <summary>A session's country comes from the operator's GeoIP file, never from the client alone.</summary>
public sealed class CountryTests
{
    private static readonly SessionRules WithFile = Folded.Rules with { HasCountries = true };

    [Fact]
    public void The_country_is_that_of_the_earliest_event_that_has_one()
    {
        SessionState state = Folded.Of(
            new Happened("$pageview", 2, """{"$geoip_country_code":"FR"}"""),
            new Happened("$pageview", 1, """{"$geoip_country_code":"NZ"}"""),
            new Happened("$pageview", 0));

        Assert.Equal("NZ", SessionView.Of(Guid.NewGuid(), state, WithFile).Country);
    }

    [Fact]
    public void Without_a_file_a_country_that_a_client_claims_is_not_shown()
    {
        SessionState state = Folded.Of(new Happened("$pageview", 0, """{"$geoip_country_code":"NZ"}"""));

        Assert.Null(SessionView.Of(Guid.NewGuid(), state, Folded.Rules).Country);
    }
}
