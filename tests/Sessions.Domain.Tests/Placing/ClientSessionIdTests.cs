using Sessions.Domain.Events;


namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// Which ids a client may give its session: a UUID of any version with 36 characters, neither nil nor max.
/// </summary>
public sealed class ClientSessionIdTests
{
    [Theory]
    [InlineData("0195f3a1-7c00-7000-8000-000000000001", true, "version 7")]
    [InlineData("c9bf9e57-1685-4c89-bafb-ff5af830be8a", true, "version 4")]
    [InlineData("a6edc906-2f9f-5fb2-a373-efac406f0ef2", true, "version 5")]
    [InlineData("f47ac10b-58cc-11cf-a447-001232fd7c4e", true, "version 1")]
    [InlineData("12345678-0000-0000-0000-000000000000", true, "no version at all")]
    [InlineData("0195F3A1-7C00-7000-8000-00000000000A", true, "upper case")]
    [InlineData("0195f3a1-7C00-7000-8000-00000000000A", true, "mixed case")]
    [InlineData("00000000-0000-0000-0000-000000000001", true, "one above nil")]
    [InlineData("ffffffff-ffff-ffff-ffff-fffffffffffe", true, "one below max")]
    [InlineData("00000000-0000-0000-0000-000000000000", false, "nil")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff", false, "max")]
    [InlineData("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", false, "max in upper case")]
    [InlineData("0195f3a1-7c00-7000-8000-00000000001", false, "35 characters")]
    [InlineData("0195f3a1-7c00-7000-8000-0000000000011", false, "37 characters")]
    [InlineData(" 0195f3a1-7c00-7000-8000-00000000001", false, "36 characters with a blank")]
    [InlineData("0195f3a17c0070008000000000000001", false, "without dashes")]
    [InlineData("{0195f3a1-7c00-7000-8000-000000000001}", false, "in braces")]
    [InlineData("(0195f3a1-7c00-7000-8000-000000000001)", false, "in brackets")]
    [InlineData("0195f3a17-c00-7000-8000-000000000001", false, "a dash at the wrong place")]
    [InlineData("0195f3a1-7c00-7000-8000-00000000000g", false, "a letter beyond f")]
    [InlineData("０195f3a1-7c00-7000-8000-000000000001", false, "a digit of another script")]
    [InlineData("session-1", false, "a name")]
    [InlineData("", false, "empty")]
    [InlineData(null, false, "absent")]
    public void Only_a_36_character_uuid_that_is_not_nil_or_max_is_a_client_session_id(
        string? text, bool accepted, string because) =>
        Assert.True(accepted == ClientSessionId.TryParse(text, out _), because);

    [Fact]
    public void Session_ids_that_differ_in_letter_case_are_the_same_session()
    {
        Assert.True(ClientSessionId.TryParse("0195f3a1-7c00-7000-8000-00000000000a", out Guid lower));
        Assert.True(ClientSessionId.TryParse("0195F3A1-7C00-7000-8000-00000000000A", out Guid upper));
        Assert.Equal(lower, upper);
    }
}
