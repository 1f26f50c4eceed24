using System.Globalization;
using CsCheck;
using Sessions.Domain.Querying;

namespace Sessions.Domain.Tests.Querying;

public sealed class LocalCalendarTests
{
    private static readonly LocalCalendar Berlin = Of("Europe/Berlin");

    private static readonly string[] Zones =
        ["UTC", "Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo"];

    [Theory]
    [InlineData("2026-01-15T12:00:00Z", "2026-01-15T13:00:00", "winter")]
    [InlineData("2026-07-15T12:00:00Z", "2026-07-15T14:00:00", "summer")]
    [InlineData("2026-07-15T22:30:00Z", "2026-07-16T00:30:00", "the next day")]
    public void An_instant_is_converted_to_local_time(string time, string local, string because)
    {
        Assert.True(Local(local) == Berlin.Local(Time(time)), because);
        Assert.Equal(DateOnly.FromDateTime(Local(local)), Berlin.Day(Time(time)));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-01-15T13:00:00", "2026-01-15T12:00:00Z", "winter")]
    [InlineData("Europe/Berlin", "2026-07-15T14:00:00", "2026-07-15T12:00:00Z", "summer")]
    [InlineData("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00Z", "shown twice: the first time")]
    [InlineData("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25T02:00:00Z", "just after that")]
    [InlineData("Europe/Berlin", "2026-03-29T02:00:00", "2026-03-29T01:00:00Z", "the first moment that is leapt over")]
    [InlineData("Europe/Berlin", "2026-03-29T02:59:59", "2026-03-29T01:00:00Z", "the last one")]
    [InlineData("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29T01:00:00Z", "just after it")]
    [InlineData("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T10:00:00Z", "a day that was left out")]
    [InlineData("Europe/Berlin", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "the start of time")]
    public void A_local_time_is_converted_to_an_instant(string zone, string local, string time, string because) =>
        Assert.True(Time(time) == Of(zone).Instant(Local(local)), $"{because}: {Of(zone).Instant(Local(local)):O}");

    [Theory]
    [InlineData("2026-01-15T12:00:00Z", 0, "a whole hour")]
    [InlineData("2026-01-15T12:40:00Z", 40, "40 minutes later")]
    public void The_time_since_the_full_hour_is_counted_in_local_time(string time, int minutes, string because) =>
        Assert.True(minutes * TimeSpan.TicksPerMinute == Berlin.TicksInto(Time(time), TimeSpan.TicksPerHour), because);

    [Fact]
    public void The_earliest_time_has_an_hour_west_of_Greenwich_too() =>
        Assert.Equal(
            30 * TimeSpan.TicksPerMinute,
            new LocalCalendar(TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromMinutes(-90), "x", "x"), DayOfWeek.Monday)
                .TicksInto(DateTimeOffset.MinValue, TimeSpan.TicksPerHour));

    [Theory]
    [InlineData(DayOfWeek.Monday, "0001-01-03", "0001-01-01", "the first week, from a Monday")]
    [InlineData(DayOfWeek.Tuesday, "0001-01-01", "0001-01-01", "a week that begins before time does")]
    [InlineData(DayOfWeek.Sunday, "0001-01-06", "0001-01-01", "as much as it can")]
    [InlineData(DayOfWeek.Sunday, "0001-01-07", "0001-01-07", "and the first whole one")]
    [InlineData(DayOfWeek.Saturday, "9999-12-31", "9999-12-25", "the last one")]
    public void A_day_is_rounded_down_to_the_first_day_of_its_week(
        DayOfWeek first, string day, string expected, string because) =>
        Assert.True(Day(expected) == new LocalCalendar(TimeZoneInfo.Utc, first).WeekOf(Day(day)), because);

    [Fact]
    public void A_day_is_rounded_down_to_the_first_day_of_its_month()
    {
        Assert.Equal(Day("2024-02-01"), LocalCalendar.MonthOf(Day("2024-02-29")));
        Assert.Equal(Day("2024-02-01"), LocalCalendar.MonthOf(Day("2024-02-01")));
    }

    [Fact]
    public void The_instant_of_a_local_time_is_never_later_than_the_instant_it_came_from() =>
        Gen.Select(
            Gen.Int[0, Zones.Length - 1],
            Gen.Long[0, 4L * 365 * 86_400]).Sample(
            (index, seconds) =>
            {
                LocalCalendar calendar = Of(Zones[index]);
                DateTimeOffset time = Time("2010-01-01T00:00:00Z").AddSeconds(seconds);
                DateTimeOffset first = calendar.Instant(calendar.Local(time));

                return first <= time && calendar.Local(first) == calendar.Local(time);
            },
            iter: Laws.Cases);

    private static LocalCalendar Of(string zone) => new(TimeZoneInfo.FindSystemTimeZoneById(zone), DayOfWeek.Monday);

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static DateTime Local(string text) => DateTime.Parse(text, CultureInfo.InvariantCulture);

    private static DateOnly Day(string text) => DateOnly.Parse(text, CultureInfo.InvariantCulture);
}
