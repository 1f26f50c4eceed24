namespace Sessions.Tests.Client;

/// <summary>
/// Placeholder ids: texts that an application sends when it has no person to name. Otherwise all visitors with such an
/// id would be one person.
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
    public void A_placeholder_text_does_not_name_a_person(string id) => Assert.True(PersonIds.NamesNobody(id));

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
    public void An_ordinary_text_names_a_person(string id) => Assert.False(PersonIds.NamesNobody(id));
}
