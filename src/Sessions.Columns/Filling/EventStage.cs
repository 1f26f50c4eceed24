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

    // Rows that are worth more than one thread.
    private const int ManyRows = 2_000_000;

    // The progress is reported after so many events.
    private const int Sample = 10_000;

    // What an appender has not handed over yet is in memory, beyond DuckDB's limit.
    private const long MostBytesOfName = 16_000_000;
    private const long MostBytes = 96_000_000;
    private const int BytesOfRow = 400;

    /// <summary>Copies all events of a snapshot into the table <c>event_rows</c> of the connection, by way of the attached file <c>stage</c>.</summary>
    /// <param name="source">The snapshot.</param>
    /// <param name="duck">The connection.</param>
    /// <param name="properties">The properties that have columns.</param>
    /// <param name="frequent">How many events make a name frequent.</param>
    /// <param name="progress">Called with the number of events so far.</param>
    /// <param name="cancellation">Ends the copy.</param>
    public static async Task<long> Copy(
        SourceSnapshot source, DuckDBConnection duck, ColumnProperties properties, int frequent, Action<long>? progress, CancellationToken cancellation)
    {
        Dictionary<string, Place> places = [];
        NumberLookup numbers = NumberLookup.All(duck);
        // In one transaction DuckDB writes each row group once, when it is full. Many small ones would go through its log and be
        // written again and again, which leaves free blocks in the file.
        Sql.Run(duck, "BEGIN TRANSACTION");
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

                string text = reader.GetString(textColumn);
                EventCopy.One(reader, text, place.Appender, properties, numbers);
                int size = text.Length + BytesOfRow;
                bytes += size;
                if (place.Add(size) >= MostBytesOfName)
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

        Sql.Run(duck, "COMMIT");
        if (rows < ManyRows)
        {
            // Each thread writes row groups of its own. The checkpoint puts those that are not full together, and leaves their old
            // blocks free: in a small file that is half of it.
            Sql.Run(duck, "SET threads = 1");
        }

        Sql.Run(duck, "BEGIN TRANSACTION");
        numbers.Write(duck);
        // In the order of the names, so that a range of row groups has few names.
        foreach ((string name, Place place) in places.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            // The first events of a name are among the others: its own table begins when the name has become frequent.
            Sql.Run(duck, $"INSERT INTO event_rows SELECT * FROM stage.main.others WHERE event = $1 ORDER BY timestamp", name);
            Sql.Run(duck, $"INSERT INTO event_rows SELECT * FROM {place.Table}");
        }

        Sql.Run(
            duck,
            "INSERT INTO event_rows SELECT * FROM stage.main.others WHERE NOT list_contains($1, event) ORDER BY event, timestamp",
            places.Keys.ToList());
        Sql.Run(duck, "COMMIT");
        return rows;
    }

    private static Place Create(DuckDBConnection duck, string name)
    {
        Sql.Run(duck, ColumnsSchema.CreateStage($"stage.main.{name}"));
        return new Place($"stage.main.{name}", name, duck.CreateAppender("stage", "main", name));
    }

    private sealed class Place(string table, string name, DuckDBAppender appender) : IDisposable
    {
        public string Table => table;

        public DuckDBAppender Appender { get; private set; } = appender;

        /// <summary>The bytes that are not handed over yet, roughly.</summary>
        public long Bytes { get; private set; }

        /// <summary>Counts a row and returns the bytes of those that are not handed over yet.</summary>
        public long Add(int bytes) => Bytes += bytes;

        /// <summary>Hands what was appended so far over to DuckDB, and returns its bytes.</summary>
        public long Flush(DuckDBConnection duck)
        {
            Appender.Dispose();
            Appender = duck.CreateAppender("stage", "main", name);
            long written = Bytes;
            Bytes = 0;
            return written;
        }

        public void Dispose() => Appender.Dispose();
    }
}
