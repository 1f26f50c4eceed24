namespace Sessions.Tests.Abstractions;

/// <summary>
/// Some texts that arrive as ids are none: what an application sends that has nobody to name. Everybody who sends one would
/// be one person with all others who do.
/// </summary>
public sealed class PersonIdsTests
{
    [Theory]
    [InlineData("anonymous")]
    [InlineData("Guest")]
    [InlineData("distinctId")]
    [InlineData("DISTINCT_ID")]
    [InlineData("id")]
    [InlineData("not_authenticated")]
    [InlineData("email")]
    [InlineData("uNdEfInEd")]
    [InlineData("True")]
    [InlineData("false")]
    [InlineData("[object Object]")]
    [InlineData("NaN")]
    [InlineData("None")]
    [InlineData("null")]
    [InlineData("NULL")]
    [InlineData("nil")]
    [InlineData("0")]
    [InlineData("unknown")]
    [InlineData("(null)")]
    [InlineData("{}")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("$posthog_cookieless")]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\t\n\u00A0\u200B\uFEFF")]
    [InlineData("\"null\"")]
    [InlineData("'undefined'")]
    [InlineData(" \"null\" \n")]
    [InlineData("\\\"null\\\"")]
    [InlineData("''")]
    [InlineData("“none”")]
    public void Names_nobody(string id) => Assert.True(PersonIds.NamesNobody(id));

    [Theory]
    [InlineData("ann")]
    [InlineData("nullius")]
    [InlineData("guest-1")]
    [InlineData("anonymous-5c1f")]
    [InlineData("ids")]
    [InlineData("00")]
    [InlineData("10")]
    [InlineData("null@example.org")]
    [InlineData("'ann'")]
    [InlineData("nu ll")]
    [InlineData("ıd")]
    [InlineData("falſe")]
    [InlineData("00000000-0000-0000-0000-000000000001")]
    public void Names_somebody(string id) => Assert.False(PersonIds.NamesNobody(id));
}
