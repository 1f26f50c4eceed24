using System.Diagnostics;
using System.Text;
using Sessions.Capture;
using Sessions.Capture.Parsing;
using static Sessions.Tests.Capture.Bodies;

namespace Sessions.Tests.Capture;

/// <summary>A large body is parsed only if it has a known token.</summary>
public sealed class TokenSearchTests
{
    private const string Event = """{"event":"a","distinct_id":"anna"}""";

    private static readonly string Long = new('x', TokenSearch.LargestUnsearched);

    [Theory]
    [InlineData("before the events", """{"api_key":"phc_good","batch":[EVENTS]}""")]
    [InlineData("after the events", """{"batch":[EVENTS],"api_key":"phc_good"}""")]
    [InlineData("with white space", """{"batch":[EVENTS],  "token" :   " phc_good " }""")]
    [InlineData("with the third name", """{"$token":"phc_good","batch":[EVENTS]}""")]
    [InlineData("with an escape", """{"api_key":"phc\u005fgood\n","batch":[EVENTS]}""")]
    [InlineData("in the properties of an event", """[{"event":"a","properties":{"distinct_id":"anna","token":"phc_good"}},{"event":"b","properties":{"distinct_id":"anna","token":"phc_good","long":"LONG"}}]""")]
    [InlineData("after an event's own member of that name", """{"batch":[{"event":"a","distinct_id":"anna","properties":{"token":"reset-17","long":"LONG"}},{"event":"b","distinct_id":"anna"}],"token":"phc_good"}""")]
    public void A_large_body_with_a_known_token_is_taken(string where, string body)
    {
        var taken = Assert.IsType<CaptureVerdict.Taken>(Parse(Large(body)));

        Assert.True(taken.Project == Project, where);
    }

    [Fact]
    public void The_token_is_found_behind_thousands_of_members_of_that_name()
    {
        string events = string.Join(',', Enumerable.Repeat("""{"event":"reset","distinct_id":"anna","properties":{"token":"reset-17"}}""", 20_000));

        Assert.Equal(20_000, Taken(Parse($$"""{"batch":[{{events}}],"api_key":"phc_good"}""")).Events.Count);
    }

    [Theory]
    [InlineData("none", """{"batch":[EVENTS]}""")]
    [InlineData("an unknown one", """{"batch":[EVENTS],"api_key":"phc_bad"}""")]
    [InlineData("not a text", """{"batch":[EVENTS],"api_key":17}""")]
    [InlineData("in a value", """{"batch":[EVENTS],"note":"\"token\":\"phc_good"}""")]
    [InlineData("cut off", """{"batch":[EVENTS],"api_key":"phc_good""")]
    public void A_large_body_without_a_known_token_gets_401_before_it_is_parsed(string token, string body) =>
        Assert.True(Status(Parse(Large(body))) == 401, token);

    /// <summary>
    /// The work without a token is bounded: this body takes half a second to parse. The search is compared with the parsing of
    /// a tenth of the body, so that the test does not depend on the machine.
    /// </summary>
    [Fact]
    public void A_large_body_of_numbers_without_a_token_costs_less_than_parsing_a_fifth_of_it()
    {
        byte[] numbers = Numbers(48 << 20, "phc_bad"), fewer = Numbers((48 << 20) / 5, Token);
        Parse(Numbers(2 << 20, Token));
        Parse(Numbers(2 << 20, "phc_bad"));

        TimeSpan parsed = Shortest(() => Assert.NotEqual(401, Status(Parse(fewer))));
        TimeSpan refused = Shortest(() => Assert.Equal(401, Status(Parse(numbers))));

        Assert.True(refused < parsed, $"refused in {refused.TotalMilliseconds:0} ms; a fifth parsed in {parsed.TotalMilliseconds:0} ms");
    }

    private static TimeSpan Shortest(Action work) => Enumerable.Range(0, 3).Min(_ =>
    {
        long begun = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(begun);
    });

    // One event that is too large, so that parsing it keeps nothing.
    private static byte[] Numbers(int bytes, string token)
    {
        StringBuilder body = new($$"""{"api_key":"{{token}}","event":"a","distinct_id":"anna","properties":{"numbers":[0""");
        while (body.Length < bytes)
        {
            body.Append(",1,2,3,4,5,6,7,8,9");
        }

        return Utf8(body.Append("]}}").ToString());
    }

    private static string Large(string body) => body
        .Replace("EVENTS", $$$"""{{{Event}}},{"event":"long","distinct_id":"anna","properties":{"long":"LONG"}}""", StringComparison.Ordinal)
        .Replace("LONG", Long, StringComparison.Ordinal);
}
