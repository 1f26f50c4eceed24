using static Sessions.Tests.Capture.Bodies;

namespace Sessions.Tests.Capture;

/// <summary>
/// Where the times of a body are read from. What they mean is tested beside the rules. It is 2026-03-04 12:00 UTC.
/// </summary>
public sealed class CaptureTimeTests
{
    [Theory]
    [InlineData("", null)] // the grain's own time
    [InlineData(""" ,"timestamp":null """, null)]
    [InlineData(""" ,"timestamp":"" """, null)]
    [InlineData(""" ,"timestamp":"soon" """, null)]
    [InlineData(""" ,"timestamp":{"a":1} """, null)]
    [InlineData(""" ,"timestamp":"2026-03-04T11:00:00.123456Z" """, "2026-03-04T11:00:00.123456Z")]
    [InlineData(""" ,"timestamp":"2026\/03\/04 11:00:00" """, "2026-03-04T11:00:00.000000Z")] // as PHP writes it
    [InlineData(""" ,"timestamp":1772622000000 """, "2026-03-04T11:00:00.000000Z")]
    [InlineData(""" ,"timestamp":"2026-03-04T11:00:00Z","sent_at":"2026-03-04T11:30:00Z" """, "2026-03-04T11:30:00.000000Z")]
    [InlineData(""" ,"timestamp":"2026-03-04T11:00:00Z","sent_at":"2026-03-04T11:30:00Z","properties":{"$ignore_sent_at":true} """, "2026-03-04T11:00:00.000000Z")]
    [InlineData(""" ,"timestamp":"2026-03-04T11:00:00Z","sent_at":"whenever" """, "2026-03-04T11:00:00.000000Z")]
    [InlineData(""" ,"timestamp":"2020-01-01T00:00:00Z","offset":2500 """, "2026-03-04T11:59:57.500000Z")]
    [InlineData(""" ,"offset":2500.9 """, "2026-03-04T11:59:57.500000Z")]
    [InlineData(""" ,"offset":"2500" """, null)]
    [InlineData(""" ,"offset":9223372036854775807 """, "1970-01-01T00:00:00.000000Z")]
    [InlineData(""" ,"offset":-9223372036854775808 """, "2026-03-04T12:00:00.000000Z")]
    [InlineData(""" ,"offset":1e300 """, "1970-01-01T00:00:00.000000Z")]
    [InlineData(""" ,"timestamp":"0001-01-01T00:00:00Z" """, "0001-01-01T00:00:00.000000Z")]
    [InlineData(""" ,"timestamp":"0001-01-01T00:00:00Z","sent_at":"2026-03-04T12:00:05Z" """, "0001-01-01T00:00:00.000000Z")]
    [InlineData(""" ,"timestamp":"9999-12-31T23:59:59Z" """, "2026-03-04T12:00:00.000000Z")]
    public void The_time_of_an_event_is_read_from_its_members(string members, string? expected) =>
        Assert.Equal(expected, When(One(Parse($$"""{"api_key":"phc_good","event":"a","distinct_id":"anna"{{members}}}"""))));

    [Theory]
    [InlineData(""" "sent_at":"2026-03-04T11:30:00Z" """, null, "2026-03-04T11:30:00.000000Z")]
    [InlineData(""" "sent_at":"2026-03-04T11:30:00Z" """, 1_772_625_600_000, "2026-03-04T11:30:00.000000Z")] // the body knows better
    [InlineData(""" "sent_at":"whenever" """, 1_772_623_800_000, "2026-03-04T11:30:00.000000Z")]
    [InlineData(""" "sent_at":null """, 1_772_623_800_000, "2026-03-04T11:30:00.000000Z")]
    [InlineData(""" "sent_at":null """, 1_772_623_800L, "2026-03-04T11:00:00.000000Z")] // seconds: ignored
    [InlineData(""" "sent_at":null """, null, "2026-03-04T11:00:00.000000Z")]
    public void The_sending_time_is_read_from_the_envelope_or_else_from_the_query(
        string sentAt, long? querySentAtMs, string expected)
    {
        string body = $$"""{"batch":[{"event":"a","distinct_id":"anna","timestamp":"2026-03-04T11:00:00Z"}],"api_key":"phc_good",{{sentAt}}}""";

        Assert.Equal(expected, When(One(Parse(body, querySentAtMs: querySentAtMs))));
    }

    private static string? When(SessionEvent captured) => captured.Timestamp?.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", null);
}
