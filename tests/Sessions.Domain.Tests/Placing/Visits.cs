using System.Globalization;

namespace Sessions.Domain.Tests.Placing;

/// <summary>
/// A device's visits as a line of text. Events in the order of their arrival: <c>12.5</c> happens at that minute,
/// <c>12.5=ann</c> names a person, <c>12.5#1</c> names client session 1, <c>12.5/5</c> says an idle timeout of five
/// minutes, and <c>reset@13</c> resets. Each is received when it happens, or, when others are there already, with the latest of them.
/// </summary>
internal static class Visits
{
    /// <summary>The sessions, each with the minutes of its events in order, by their first event: <c>0 10 | 50</c>.</summary>
    public static string Of(string story)
    {
        Dictionary<Guid, Guid> sessionOf = Play(story).SessionOf;
        IEnumerable<double[]> sessions = Events(story)
            .GroupBy(sent => sessionOf[sent.Id], (_, events) => events.Select(Minute).Order().ToArray())
            .OrderBy(minutes => minutes[0]);
        return string.Join(" | ", sessions.Select(minutes =>
            string.Join(' ', minutes.Select(minute => minute.ToString(CultureInfo.InvariantCulture)))));
    }

    /// <summary>How the sessions stand in the end, by their first event: <c>user_changed, live</c>.</summary>
    public static string EndsOf(string story) => string.Join(", ", Play(story).Sessions.Values
        .OrderBy(state => state.Start)
        .Select(state => state.EndReason?.ToWord() ?? "live"));

    private static SimulatedDevice Play(string story)
    {
        var device = new SimulatedDevice(new SessionRules(), isPunctual: true);
        DateTimeOffset now = DateTimeOffset.MinValue;
        int number = 0;
        foreach (string word in story.Split(' '))
        {
            bool isReset = word.StartsWith("reset@", StringComparison.Ordinal);
            Sent? sent = isReset ? null : Read(word, ++number);
            DateTimeOffset time = sent?.Time ?? At(word[6..]);
            now = time > now ? time : now;
            device.Play([new Delivery(now, sent is null ? [] : [sent], isReset ? Then.Reset : Then.Nothing)]);
        }

        return device;
    }

    private static IEnumerable<Sent> Events(string story) => story.Split(' ')
        .Where(word => !word.StartsWith("reset@", StringComparison.Ordinal))
        .Select((word, index) => Read(word, index + 1));

    private static Sent Read(string word, int number)
    {
        string[] timeout = word.Split('/');
        string[] client = timeout[0].Split('#');
        string[] person = client[0].Split('=');
        return new Sent(
            new Guid(number, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1),
            At(person[0]),
            person.Length > 1 ? person[1] : null,
            client.Length > 1 ? new Guid(1_000_000 + int.Parse(client[1], CultureInfo.InvariantCulture), 0, 0, 0, 0, 0, 0, 0, 0, 0, 1) : null,
            timeout.Length > 1 ? TimeSpan.FromMinutes(int.Parse(timeout[1], CultureInfo.InvariantCulture)) : null,
            SenderOrder: 0);
    }

    private static DateTimeOffset At(string minute) =>
        Histories.Noon + TimeSpan.FromMicroseconds(Math.Round(double.Parse(minute, CultureInfo.InvariantCulture) * 60_000_000));

    private static double Minute(Sent sent) => Math.Round((sent.Time - Histories.Noon).TotalMinutes, 3);
}
