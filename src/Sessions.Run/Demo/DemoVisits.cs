using System.Text.Json.Nodes;

namespace Sessions.Run.Demo;

/// <summary>An event of a visit: its time and its JSON.</summary>
internal sealed record DemoEvent(DateTimeOffset Time, JsonObject Body)
{
    /// <summary>Whether it is a part of a recording, which goes to an address of its own.</summary>
    public bool IsRecording => (string?)Body["event"] == "$snapshot";
}

/// <summary>
/// Generates sample visits, each as the events that posthog-js would send. The same seed gives the same visits with
/// the same ids, so a day that is sent twice counts once.
/// </summary>
internal sealed class DemoVisits(int seed)
{
    private const double PagesAtMost = 14;

    private readonly Random _random = new(seed);

    // This share of visits comes evenly, so that there are live sessions at every hour; the others come by day.
    private const double EvenShare = 0.5;
    private const double AppShare = 0.12;
    private const double RecordedShare = 0.2;

    /// <summary>A day's visits, more by day than by night, more on workdays than on Sundays.</summary>
    /// <param name="day">The day.</param>
    /// <param name="visits">The number of visits of a usual workday.</param>
    /// <param name="isRecorded">Whether some of them are recorded.</param>
    public static IEnumerable<DemoEvent> OfDay(DateOnly day, int visits, bool isRecorded = false)
    {
        DemoVisits made = new(day.DayNumber);
        DateTimeOffset midnight = new(day, TimeOnly.MinValue, TimeSpan.Zero);
        int count = (int)(visits * (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.7 : 1) * (0.85 + (0.3 * made._random.NextDouble())));
        int even = (int)(count * EvenShare);
        return Enumerable.Range(0, count)
            .SelectMany(number => made.Next(
                midnight.AddHours(number < even ? 24 * (number + made._random.NextDouble()) / even : made.HourOfDay()), isRecorded))
            .OrderBy(happened => happened.Time)
            .ToArray();
    }

    /// <summary>The next visit, which begins at the given time, with its events in order of time.</summary>
    private List<DemoEvent> Next(DateTimeOffset start, bool isRecorded)
    {
        if (_random.NextDouble() < AppShare)
        {
            return InApp(start);
        }

        DemoVisit visit = new(_random, start, isRecorded ? RecordedShare : 0);
        string page = DemoSite.Landings.Pick(_random);
        visit.Pageview(page);
        // Nearly half look at one page and leave.
        double leaves = 0.44;
        for (int pages = 1; pages < PagesAtMost && _random.NextDouble() > leaves; pages++)
        {
            visit.Wait(4, 70);
            if (!DemoSite.Links.TryGetValue(page, out Weighted<string>? links))
            {
                break;
            }

            visit.Click();
            if (_random.NextDouble() < 0.02)
            {
                visit.Break();
            }

            string next = links.Pick(_random);
            visit.Wait(0.3, 1.5);
            visit.Buying(page, next);
            page = next;
            visit.Pageview(page);
            leaves = 0.22;
        }

        if (_random.NextDouble() < 0.6)
        {
            visit.Wait(2, 50);
            visit.Leave();
        }

        visit.End();
        return visit.Events;
    }

    private List<DemoEvent> InApp(DateTimeOffset start)
    {
        DemoVisit visit = new(_random, start, recordedShare: 0, isApp: true);
        visit.Open();
        string screen = "Home";
        visit.Screen(screen);
        while (visit.Events.Count < PagesAtMost * 2 && _random.NextDouble() > 0.25 && DemoSite.Screens.TryGetValue(screen, out Weighted<string>? next))
        {
            visit.Wait(3, 40);
            screen = next.Pick(_random);
            visit.Touch(screen);
            visit.Wait(0.2, 1);
            visit.Screen(screen);
        }

        return visit.Events;
    }

    private double HourOfDay()
    {
        // Two peaks: noon and evening.
        double hour = _random.NextDouble() < 0.45 ? Around(12, 2.5) : Around(19.5, 2.5);
        return Math.Clamp(hour, 0, 23.9);
    }

    private double Around(double middle, double spread) =>
        middle + (spread * (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5) * 2);
}
