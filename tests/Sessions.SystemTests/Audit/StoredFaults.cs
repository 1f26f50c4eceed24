using System.Globalization;
using Sessions.SystemTests.Traffic;

namespace Sessions.SystemTests.Audit;

/// <summary>
/// What is wrong with stored events and sessions. It reads no database, so that the simulation audits its own store with it,
/// too.
/// </summary>
public static class StoredFaults
{
    private static readonly string[] RecordingMoves = ["start_timestamp", "end_timestamp", "session_duration", "is_bounce"];

    /// <summary>Events that are lost, stored twice, in the wrong session, or that nobody sent.</summary>
    /// <param name="stored">All events of the writers that are stored.</param>
    /// <param name="records">What the writers know.</param>
    /// <param name="idleTimeout">The project's.</param>
    public static IEnumerable<string> Of(IReadOnlyCollection<StoredEvent> stored, WriterRecords records, TimeSpan idleTimeout) =>
    [
        .. records.Acknowledged.Except(stored.Select(e => e.EventId)).Select(id => $"acknowledged and lost: {records.Sent[id]}"),
        .. stored.Where(e => !records.Sent.ContainsKey(e.EventId)).Select(e => $"nobody sent {e}"),
        .. stored.GroupBy(e => e.EventId)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key} is there {group.Count()} times, in {string.Join(" and ", group.Select(e => e.SessionId))}"),
        .. Placing.Faults(stored, records, idleTimeout),
    ];

    /// <summary>Sessions whose rows are not what their events add up to.</summary>
    /// <param name="stored">The events.</param>
    /// <param name="rows">The rows of their sessions, each by column.</param>
    /// <param name="mayLack">Columns that may be null: older builds do not write them.</param>
    public static IEnumerable<string> WrongSums(
        IEnumerable<StoredEvent> stored, IReadOnlyDictionary<Guid, IReadOnlyDictionary<string, object?>> rows, params string[] mayLack) =>
        stored.GroupBy(e => e.SessionId).SelectMany(group => rows.TryGetValue(group.Key, out var row)
            ? Differences(group.Key, row, Recount.Of(group), mayLack)
            : [$"session {group.Key} has {group.Count()} events and no row"]);

    private static IEnumerable<string> Differences(
        Guid session,
        IReadOnlyDictionary<string, object?> row,
        IReadOnlyDictionary<string, object?> counted,
        string[] mayLack)
    {
        foreach ((string column, object? expected) in counted)
        {
            // A recording is activity too, and no event: it may begin before the first and end after the last.
            if (row["has_replay"] is true && RecordingMoves.Contains(column))
            {
                continue;
            }

            object? actual = row.TryGetValue(column, out object? value) ? value : "no such column";
            if (actual is null && mayLack.Contains(column))
            {
                continue;
            }

            if (Comparable(expected) != Comparable(actual))
            {
                yield return $"session {session}: {column} is {Comparable(actual)}, its events say {Comparable(expected)}";
            }
        }
    }

    private static string Comparable(object? value) => value switch
    {
        null => "null",
        DateTime time => time.ToUniversalTime().ToString("O"),
        decimal number => number.ToString("0.000", CultureInfo.InvariantCulture),
        IEnumerable<string> list => string.Join(',', list),
        IFormattable plain => plain.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
