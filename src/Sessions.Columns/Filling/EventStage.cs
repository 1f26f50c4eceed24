using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Files;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Filling;

/// <summary>
/// Sorts events by name while they are copied: each frequent name has a table of its own in a second file, and these are put
/// together in the end. A sort of the whole takes ten times as long, because the properties are wide. Within a name events
/// are in the order of the journal, which is nearly that of time.
/// </summary>
internal static class EventStage
{
    // The tables of frequent names. All other names share one more, which is sorted.
    private const int MostNames = 64;

    // A name is not frequent before this many of the first events have it.
    private const int Sample = 100_000;

    // DuckDB keeps what an appender has not written yet in memory.
    private const int RowsToFlush = 20_000;

    /// <summary>Copies all events of a snapshot into the table <c>events</c> of the connection, by way of the attached file <c>stage</c>.</summary>
    public static async Task<long> Copy(SourceSnapshot source, DuckDBConnection duck, Action<long>? progress, CancellationToken cancellation)
    {
        Dictionary<string, Place> places = [];
        Place others = Create(duck, "others");
        long rows = 0;
        int nameColumn = ColumnsSchema.Events.Select((column, place) => (column.Name, place)).First(column => column.Name == "event").place;
        Dictionary<string, int> counts = [];
        try
        {
            await using NpgsqlDataReader reader = await source.Read(SourceStatements.AllEvents, cancellation);
            while (await reader.ReadAsync(cancellation))
            {
                string name = reader.GetString(nameColumn);
                if (!places.TryGetValue(name, out Place? place))
                {
                    place = others;
                    counts.TryGetValue(name, out int count);
                    // The first names are those of the frequent events, except in a small project, which is sorted as a whole.
                    if (places.Count < MostNames && (counts.Count < Sample || count > 0))
                    {
                        counts[name] = ++count;
                        if (count >= RowsToFlush)
                        {
                            place = Create(duck, $"name_{places.Count}");
                            places.Add(name, place);
                        }
                    }
                }

                RowCopy.One(reader, place.Appender, ColumnsSchema.Events);
                if (++place.Rows % RowsToFlush == 0)
                {
                    place.Flush(duck);
                }

                if (++rows % Sample == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                    progress?.Invoke(rows);
                }
            }
        }
        finally
        {
            others.Dispose();
            foreach (Place place in places.Values)
            {
                place.Dispose();
            }
        }

        // In the order of the names, so that a range of row groups has few names.
        foreach ((string name, Place place) in places.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            // What came before the name was frequent.
            Sql.Run(duck, $"INSERT INTO events SELECT * FROM stage.main.others WHERE event = $1 ORDER BY timestamp", name);
            Sql.Run(duck, $"INSERT INTO events SELECT * FROM {place.Table}");
            Sql.Run(duck, $"DROP TABLE {place.Table}");
        }

        Sql.Run(
            duck,
            "INSERT INTO events SELECT * FROM stage.main.others WHERE NOT list_contains($1, event) ORDER BY event, timestamp",
            places.Keys.ToList());
        return rows;
    }

    private static Place Create(DuckDBConnection duck, string name)
    {
        string create = ColumnsSchema.CreateStatements[1].Replace("CREATE TABLE events", $"CREATE TABLE stage.main.{name}", StringComparison.Ordinal);
        Sql.Run(duck, create);
        return new Place($"stage.main.{name}", name, duck.CreateAppender("stage", "main", name));
    }

    private sealed class Place(string table, string name, DuckDBAppender appender) : IDisposable
    {
        public string Table => table;

        public DuckDBAppender Appender { get; private set; } = appender;

        public long Rows { get; set; }

        /// <summary>Writes what was appended so far.</summary>
        public void Flush(DuckDBConnection duck)
        {
            Appender.Dispose();
            Appender = duck.CreateAppender("stage", "main", name);
        }

        public void Dispose() => Appender.Dispose();
    }
}
