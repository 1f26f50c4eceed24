using Npgsql;
using Sessions.SystemTests.Harness;

namespace Sessions.SystemTests.Readers;

/// <summary>Compares the sessions in SQL with those of a model, session by session.</summary>
public static class Visits
{
    // Rows may be 10 s behind their grain; the rest is for a busy machine.
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(60);

    /// <summary>These sessions and no others, with these events, and rows that say so.</summary>
    public static async Task AreThese(NpgsqlDataSource reader, Postman postman, IReadOnlyList<Reading[]> expected)
    {
        string[] right = [.. expected.Select(session => Describe(
            postman.DistinctId(session[0].Reader), session.Select(reading => reading.Id), session.Min(reading => reading.At), session.Max(reading => reading.At)))];
        await Wait.ForNothingWrong(
            async () =>
            {
                string[] stored = [.. await Stored(reader, postman)];
                int singles = stored.Count(session => !session.Contains(',', StringComparison.Ordinal));
                string[] wrong = [.. stored.Except(right).Select(session => $"there is {session}"), .. right.Except(stored).Select(session => $"there should be {session}")];
                return wrong.Length == 0 && stored.Length == right.Length
                    ? []
                    : [$"{stored.Length} sessions, {singles} of one event, {wrong.Length} differences", .. wrong.Order()];
            },
            $"the sessions are not the {right.Length} of the model:",
            RowsBehind);
    }

    /// <summary>Each row of <c>sessions</c> with its events of <c>events</c>, which must be as many as the row says.</summary>
    private static async Task<IEnumerable<string>> Stored(NpgsqlDataSource reader, Postman postman)
    {
        await using NpgsqlCommand select = reader.CreateCommand(
            """
            select s.distinct_id, s.start_timestamp, s.end_timestamp, s.event_count, s.pageview_count, e.ids
            from sessions s
            join (select session_id, array_agg(event_id) as ids from events where starts_with(distinct_id, $1) group by session_id) e using (session_id)
            where starts_with(s.distinct_id, $1)
            """);
        select.Parameters.AddWithValue(postman.DistinctId(""));
        await using NpgsqlDataReader rows = await select.ExecuteReaderAsync();
        List<string> sessions = [];
        while (await rows.ReadAsync())
        {
            Guid[] ids = rows.GetFieldValue<Guid[]>(5);
            string described = Describe(rows.GetString(0), ids, rows.GetDateTime(1), rows.GetDateTime(2));
            (int events, int pages) = (Convert.ToInt32(rows.GetValue(3)), Convert.ToInt32(rows.GetValue(4)));
            sessions.Add(events == ids.Length && pages == ids.Length ? described : $"{described}, whose row says {events} events, {pages} pages");
        }

        return sessions;
    }

    private static string Describe(string person, IEnumerable<Guid> events, DateTimeOffset start, DateTimeOffset end) =>
        $"{person} {start.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff} to {end.UtcDateTime:yyyy-MM-dd HH:mm:ss.fff}: {string.Join(',', events.Order())}";
}
