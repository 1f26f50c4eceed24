using Sessions.Domain.Time;

namespace Sessions.Domain.Tests.Time;

public sealed class TimestampTextTests
{
    [Theory]
    // RFC 3339
    [InlineData("2023-01-02T03:04:05Z", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2023-01-02t03:04:05z", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2023-01-02T03:04:05.678Z", "2023-01-02T03:04:05.678000Z")]
    [InlineData("2023-01-02T03:04:05.123456789Z", "2023-01-02T03:04:05.123456Z")]
    [InlineData("2023-01-02T03:04:05+02:30", "2023-01-02T00:34:05.000000Z")]
    [InlineData("2023-01-02T03:04:05-03:00", "2023-01-02T06:04:05.000000Z")]
    [InlineData("2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000000Z")]
    [InlineData("2023-01-02T 03:04:05Z", "2023-01-02T03:04:05.000000Z")] // a space after the T
    [InlineData("2023-01-02T23:59:59Z", "2023-01-02T23:59:59.000000Z")] // the last hour, minute and second
    [InlineData("2023-01-02T03:04:05+23:59", "2023-01-01T03:05:05.000000Z")] // the furthest zone
    // Zones as some clients write them
    [InlineData("2023-01-02T03:04:05+03", "2023-01-02T00:04:05.000000Z")]
    [InlineData("2023-01-02T03:04:05.5-03", "2023-01-02T06:04:05.500000Z")]
    [InlineData("2023-01-02T03:04:05+0300", "2023-01-02T00:04:05.000000Z")]
    [InlineData("2023-01-02 03:04:05 UTC", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2023-01-02 03:04:05 GMT", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2023-01-02 03:04:05 +0000", "2023-01-02T03:04:05.000000Z")]
    // No zone is UTC
    [InlineData("2023-01-02T03:04:05", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2023-01-02 03:04:05", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2023-01-02 03:04:05.250", "2023-01-02T03:04:05.250000Z")]
    [InlineData("2023-01-02 03:04", "2023-01-02T03:04:00.000000Z")]
    [InlineData("2023-01-02", "2023-01-02T00:00:00.000000Z")]
    [InlineData("2023-1-2", "2023-01-02T00:00:00.000000Z")]
    [InlineData(" 2023-01-02 ", "2023-01-02T00:00:00.000000Z")]
    // Slashes: year first, or month first as Americans do
    [InlineData("2023/01/02", "2023-01-02T00:00:00.000000Z")]
    [InlineData("2023/1/2 3:04:05", "2023-01-02T03:04:05.000000Z")]
    [InlineData("01/02/2023", "2023-01-02T00:00:00.000000Z")]
    [InlineData("1/2/2023 15:04", "2023-01-02T15:04:00.000000Z")]
    [InlineData("1/2/2023 15:04:05", "2023-01-02T15:04:05.000000Z")]
    [InlineData("1/2/2023 15:04:05.678", "2023-01-02T15:04:05.678000Z")]
    [InlineData("1/2/2023 15:04:05 +02:00", "2023-01-02T13:04:05.000000Z")]
    [InlineData("1/2/2023 15:04:05+02:00", "2023-01-02T13:04:05.000000Z")]
    [InlineData("1/2/2023 15:04:05Z", "2023-01-02T15:04:05.000000Z")]
    [InlineData("1/2/2023 3:04 PM", "2023-01-02T15:04:00.000000Z")]
    [InlineData("1/2/2023 3:04:05 PM", "2023-01-02T15:04:05.000000Z")]
    [InlineData("1/2/2023, 3:04:05 PM", "2023-01-02T15:04:05.000000Z")]
    // Months with names
    [InlineData("Jan 2, 2023", "2023-01-02T00:00:00.000000Z")]
    [InlineData("Jan 2 2023", "2023-01-02T00:00:00.000000Z")]
    [InlineData("January 2, 2023", "2023-01-02T00:00:00.000000Z")]
    [InlineData("2-Jan-2023", "2023-01-02T00:00:00.000000Z")]
    [InlineData("Jan 2 2023 15:04:05", "2023-01-02T15:04:05.000000Z")]
    [InlineData("Jan 2, 2023 15:04:05", "2023-01-02T15:04:05.000000Z")]
    [InlineData("Jan 2, 2023, 3:04:05 PM", "2023-01-02T15:04:05.000000Z")]
    [InlineData("Jan 2, 2023 3:04:05 PM", "2023-01-02T15:04:05.000000Z")]
    [InlineData("Jan 2 2023 15:04:05 +0200", "2023-01-02T13:04:05.000000Z")]
    // Mail, HTTP, and browsers' Date.toString
    [InlineData("Mon, 02 Jan 2023 03:04:05 GMT", "2023-01-02T03:04:05.000000Z")]
    [InlineData("Mon, 2 Jan 2023 03:04:05 +0200", "2023-01-02T01:04:05.000000Z")]
    [InlineData("02 Jan 2023 03:04:05 -0500", "2023-01-02T08:04:05.000000Z")]
    [InlineData("Fri, 02 Jan 2023 03:04:05 GMT", "2023-01-02T03:04:05.000000Z")] // another weekday
    [InlineData("Mon,  2 Jan 2023 03:04:05 UTC", "2023-01-02T03:04:05.000000Z")] // two spaces
    [InlineData("2 Jan 2023 03:04:05 UT", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2 Jan 2023 03:04:05Z", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2 Jan 2023 03:04:05 Z", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2 Jan 2023 03:04:05", "2023-01-02T03:04:05.000000Z")]
    [InlineData("2 Jan 2023 03:04 +0200", "2023-01-02T01:04:00.000000Z")]
    [InlineData("2 Jan 2023 03:04", "2023-01-02T03:04:00.000000Z")]
    [InlineData("2 Jan 2023", "2023-01-02T00:00:00.000000Z")]
    [InlineData("Mon Jan 02 2023 03:04:05 GMT+0200 (Central European Standard Time)", "2023-01-02T01:04:05.000000Z")]
    // Counts since 1970
    [InlineData("1672628645", "2023-01-02T03:04:05.000000Z")]
    [InlineData("1672628645.678", "2023-01-02T03:04:05.678000Z")]
    [InlineData("1672628645678", "2023-01-02T03:04:05.678000Z")]
    [InlineData("1672628645678901", "2023-01-02T03:04:05.678901Z")]
    [InlineData("1672628645678901234", "2023-01-02T03:04:05.678901Z")]
    [InlineData("100000000", "1973-03-03T09:46:40.000000Z")] // the fewest digits
    // The ends of time
    [InlineData("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z")]
    [InlineData("0001-01-01T00:00:00+05:00", "0001-01-01T00:00:00.000000Z")] // in UTC still year 0
    [InlineData("0000-12-31T00:00:00Z", "0001-01-01T00:00:00.000000Z")]
    [InlineData("0000-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z")]
    [InlineData("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z")]
    [InlineData("1/2/0001", "0001-01-02T00:00:00.000000Z")] // after the date that a program never set
    public void Times_in_all_accepted_formats_are_read(string text, string expected)
    {
        Assert.True(TimestampText.TryParse(text, out Moment moment));
        Assert.Equal(expected, moment.ToInstant().ToString("yyyy-MM-ddTHH:mm:ss.ffffff", null) + "Z");
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("now")]
    [InlineData("yesterday")]
    [InlineData("12:00")]
    [InlineData("2023")] // a year, a version, a counter
    [InlineData("20230102")]
    [InlineData("12345678")] // one digit fewer than the fewest
    [InlineData("-1672628645")]
    [InlineData("1e400000")]
    [InlineData("2023-13-01")]
    [InlineData("2023-02-29")]
    [InlineData("2023-01-00")]
    [InlineData("2023-01-02T")]
    [InlineData("2023-01-02T03")]
    [InlineData("2023-01-02T03:04:")]
    [InlineData("2023-01-02T03:04:05.")]
    [InlineData("2023-01-02T03:04:05+5")]
    [InlineData("2023-01-02T03:04:05+03:5")]
    [InlineData("2023-01-02T03:04:05+03:60")]
    [InlineData("2023-01-0203:04:05")] // neither T nor space
    [InlineData("2023-01-02T24:00:00")]
    [InlineData("2023-01-02T03:04:61")]
    [InlineData("2023-01-02T24:00:00Z")]
    [InlineData("2023-01-02T03:60:00Z")]
    [InlineData("2023-01-02T03:04:05+24:00")]
    [InlineData("2023-01-02T03:04:05.Z")]
    [InlineData("2023-01-02T03:04:05Zoo")]
    [InlineData("2023-01/02")]
    [InlineData("10000-01-01T00:00:00Z")]
    [InlineData("Mon,")]
    [InlineData(".123456789")] // no whole seconds
    [InlineData("1/1/0001 12:00:00 AM")] // a .NET program's date that was never set
    public void A_text_that_is_not_a_time_is_not_read(string text) =>
        Assert.False(TimestampText.TryParse(text, out _));

    [Theory]
    [InlineData(59, true)] // the longest text that is looked at
    [InlineData(60, false)]
    public void A_text_that_is_too_long_for_a_time_is_not_read(int digits, bool isRead) =>
        Assert.Equal(isRead, TimestampText.TryParse("2023-01-02T03:04:05." + new string('0', digits) + "Z", out _));

    [Theory]
    [InlineData("1672628645678", "2023-01-02T03:04:05.678000Z")]
    [InlineData("1609459199999", null)] // the last millisecond of 2020
    [InlineData("1609459200000", "2021-01-01T00:00:00.000000Z")]
    [InlineData("1672628645", null)] // seconds
    [InlineData("253402300799999", "9999-12-31T23:59:59.999000Z")]
    [InlineData("253402300800000", null)] // year 10000
    [InlineData("9223372036854775807", null)]
    [InlineData("-9223372036854775808", null)]
    [InlineData("2023-01-02T03:04:05Z", null)]
    [InlineData("1672628645678.5", null)]
    [InlineData("", null)]
    [InlineData("-1", null)]
    public void A_sending_time_in_the_query_is_milliseconds_and_must_be_after_2020(string text, string? expected) =>
        Assert.Equal(expected, SentAt.FromQuery(text)?.ToInstant().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", null));
}
