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

    // How many rare names are counted.
    private const int MostCounted = 100_000;

    // How often the progress is told, in events.
    private const int Sample = 10_000;

    // DuckDB compresses this many rows together. What an appender has not written yet is in memory, beyond DuckDB's limit.
    private const int RowGroup = 122_880;
    private const long MostBytes = 96_000_000;
    private const int BytesOfRow = 400;

    /// <summary>Copies all events of a snapshot into the table <c>events</c> of the connection, by way of the attached file <c>stage</c>.</summary>
    /// <param name="source">The snapshot.</param>
    /// <param name="duck">The connection.</param>
    /// <param name="frequent">How many events make a name frequent.</param>
    /// <param name="progress">Called with the number of events so far.</param>
    /// <param name="cancellation">Ends the copy.</param>
    public static async Task<long> Copy(
        SourceSnapshot source, DuckDBConnection duck, int frequent, Action<long>? progress, CancellationToken cancellation)
    {
        Dictionary<string, Place> places = [];
        Place others = Create(duck, "others");
        long rows = 0;
        int nameColumn = ColumnsSchema.Events.Select((column, place) => (column.Name, place)).First(column => column.Name == "event").place;
        int textColumn = ColumnsSchema.Events.Select((column, place) => (column.Name, place)).First(column => column.Name == "properties").place;
        Dictionary<string, int> counts = [];
        long bytes = 0;
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
                    if (places.Count < MostNames && (counts.Count < MostCounted || count > 0))
                    {
                        counts[name] = ++count;
                        if (count >= frequent)
                        {
                            place = Create(duck, $"name_{places.Count}");
                            places.Add(name, place);
                        }
                    }
                }

                RowCopy.One(reader, place.Appender, ColumnsSchema.Events);
                int size = reader.GetString(textColumn).Length + BytesOfRow;
                bytes += size;
                if (place.Add(size) >= RowGroup)
                {
                    bytes -= place.Flush(duck);
                }
                else if (bytes >= MostBytes)
                {
                    bytes -= places.Values.Append(others).MaxBy(one => one.Bytes)!.Flush(duck);
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
            // The first events of a name are among the others: its own table begins when the name has become frequent.
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

        /// <summary>The bytes that are not written yet, roughly.</summary>
        public long Bytes { get; private set; }

        private int _rows;

        /// <summary>Counts a row and returns the number of those that are not written yet.</summary>
        public int Add(int bytes)
        {
            Bytes += bytes;
            return ++_rows;
        }

        /// <summary>Writes what was appended so far, and returns its bytes.</summary>
        public long Flush(DuckDBConnection duck)
        {
            Appender.Dispose();
            Appender = duck.CreateAppender("stage", "main", name);
            long written = Bytes;
            (Bytes, _rows) = (0, 0);
            return written;
        }

        public void Dispose() => Appender.Dispose();
    }
}
