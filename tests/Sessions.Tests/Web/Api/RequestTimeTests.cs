using System.Globalization;
using Sessions.Web.Api;

namespace Sessions.Tests.Web.Api;

public sealed class RequestTimeTests
{
    // A Thursday.
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 13, 14, 15, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-01-10", "2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z")] // a whole day is in, as an end too
    [InlineData("2026-12-31", "2026-12-31T00:00:00Z", "2027-01-01T00:00:00Z")] // the day after is in another year
    [InlineData("2026-01-10T12:30", "2026-01-10T12:30:00Z", "2026-01-10T12:30:00Z")]
    [InlineData("2026-01-10T12:30:05", "2026-01-10T12:30:05Z", "2026-01-10T12:30:05Z")]
    [InlineData("2026-01-10T12:30:05.250Z", "2026-01-10T12:30:05.250Z", "2026-01-10T12:30:05.250Z")]
    [InlineData("2026-01-10T12:30:05+02:00", "2026-01-10T10:30:05Z", "2026-01-10T10:30:05Z")]
    [InlineData("-7d", "2026-01-08T13:14:15Z", "2026-01-08T13:14:15Z")]
    [InlineData("-24h", "2026-01-14T13:14:15Z", "2026-01-14T13:14:15Z")]
    [InlineData("-0d", "2026-01-15T13:14:15Z", "2026-01-15T13:14:15Z")]
    [InlineData("dStart", "2026-01-15T00:00:00Z", "2026-01-15T00:00:00Z")]
    [InlineData("wStart", "2026-01-12T00:00:00Z", "2026-01-12T00:00:00Z")] // Monday
    [InlineData("mStart", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z")]
    [InlineData("-999999d", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z")] // before the first day
    [InlineData("all", null, null)]
    [InlineData("", null, null)]
    [InlineData(null, null, null)]
    [InlineData("9999-12-31", "9999-12-31T00:00:00Z", "9999-12-31T23:59:59.9999999Z")] // no day follows the last one
    public void A_time_is_read_as_the_start_and_as_the_end_of_a_range(string? text, string? beginning, string? end)
    {
        Assert.True(RequestTime.TryParse(text, isEnd: false, Now, out DateTimeOffset? from));
        Assert.True(RequestTime.TryParse(text, isEnd: true, Now, out DateTimeOffset? to));

        Assert.Equal((Time(beginning), Time(end)), (from, to));
    }

    [Theory]
    [InlineData("2026-01-18", "2026-01-12T00:00:00Z")] // a Sunday is the last day of its week
    [InlineData("2026-01-19", "2026-01-19T00:00:00Z")] // a Monday the first
    public void A_relative_week_begins_on_Monday(string today, string expected)
    {
        Assert.True(RequestTime.TryParse("wStart", isEnd: false, Time(today + "T23:59:59Z")!.Value, out DateTimeOffset? start));

        Assert.Equal(Time(expected), start);
    }

    [Theory]
    [InlineData("yesterday")]
    [InlineData("2026-02-30")]
    [InlineData("2026-01-10 12:30")]
    [InlineData("7d")]
    [InlineData("-7x")]
    [InlineData("-1234567d")]
    [InlineData("-d")]
    [InlineData("-٣d")]
    public void A_text_that_is_not_an_accepted_time_is_refused(string text) =>
        Assert.False(RequestTime.TryParse(text, isEnd: false, Now, out _));

    private static DateTimeOffset? Time(string? text) =>
        text is null ? null : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
