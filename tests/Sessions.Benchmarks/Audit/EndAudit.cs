using System.Diagnostics;
using Sessions.Benchmarks.Harness;

namespace Sessions.Benchmarks.Audit;

/// <summary>
/// After a load: what was acknowledged is stored, once, and every session's row is what its events add up to. A figure
/// without this would be worth nothing.
/// </summary>
internal static class EndAudit
{
    // Rows may be 10 seconds behind their grains; the rest is for a busy machine.
    private static readonly TimeSpan RowsBehind = TimeSpan.FromSeconds(60);

    private const string Stored = "select count(*) from tracking.journal where kind in (0, 1)";

    private const string StoredTwice =
        "select count(*) from (select 1 from tracking.journal where kind in (0, 1) group by event_id having count(*) > 1) twice";

    // Counted again from the journal, with nothing of the product's code.
    private const string WrongRows =
        """
        select count(*)
        from (
            select project, session_id, count(*) as events, max(number) as number, min(time) as first, max(time) as last,
                   count(*) filter (where event = '$pageview') as pageviews,
                   count(*) filter (where event = '$autocapture') as autocaptures,
                   count(distinct url) as urls
            from (
                -- Not to be merged with the query around it, which would then sort whole properties.
                select project, session_id, number, time, event,
                       case when event = '$pageview' then properties ->> '$current_url' end as url
                from   tracking.journal
                where  kind in (0, 1)
                offset 0
            ) happened
            group  by project, session_id
        ) counted
        full join tracking.sessions s using (project, session_id)
        where (s.event_count, s.start_timestamp, s.end_timestamp, s.pageview_count, s.autocapture_count, s.unique_url_count)
              is distinct from (events, first, last, pageviews, autocaptures, urls)
        """;

    /// <exception cref="InvalidOperationException">The books are not right.</exception>
    public static async Task Check(Bench bench, Product product, long acknowledged, long unclear, string name)
    {
        long stored = await product.Ask<long>(Stored);
        long twice = await product.Ask<long>(StoredTwice);
        if (stored < acknowledged || stored > acknowledged + unclear || twice > 0)
        {
            throw new InvalidOperationException(
                $"{acknowledged} events were acknowledged ({unclear} unclear), {stored} are stored, {twice} more than once.");
        }

        var clock = Stopwatch.StartNew();
        using PeriodicTimer pace = new(TimeSpan.FromSeconds(1));
        long wrong = await product.Ask<long>(WrongRows);
        while (wrong > 0 && clock.Elapsed < RowsBehind)
        {
            await pace.WaitForNextTickAsync();
            wrong = await product.Ask<long>(WrongRows);
        }

        if (wrong > 0)
        {
            throw new InvalidOperationException($"{wrong} sessions' rows are not what their events add up to.");
        }

        bench.Note(
            $"audit of {name}",
            $"{acknowledged:N0} acknowledged, {stored:N0} stored, each once; {await product.Ask<long>("select count(*) from tracking.sessions"):N0} rows are what their events add up to");
    }
}
