using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Filling;

/// <summary>Copies events of Postgres to a table of DuckDB, with the values of the properties that have columns.</summary>
internal sealed class EventCopy(DuckDBAppender appender, ColumnProperties properties, NumberLookup numbers)
{
    // How many rows are copied between two looks at the cancellation.
    private const int RowsAtOnce = 256;

    private static readonly int PropertiesPlace = PlaceOf("properties");
    private static readonly int SessionPlace = PlaceOf("session_id");
    private static readonly int IdPlace = PlaceOf("distinct_id");
    private static readonly int NamePlace = PlaceOf("event");

    /// <summary>The number of rows that were copied.</summary>
    public long Rows { get; private set; }

    /// <summary>The names of the events that were copied.</summary>
    public HashSet<string> Names { get; } = [];

    /// <summary>Copies all rows that a reader has left.</summary>
    /// <param name="reader">The rows; their columns are those of <see cref="ColumnsSchema.Events"/>.</param>
    /// <param name="isWanted">Chooses rows; null for all.</param>
    /// <param name="cancellation">Ends the copy.</param>
    public async Task All(NpgsqlDataReader reader, Func<NpgsqlDataReader, bool>? isWanted, CancellationToken cancellation)
    {
        while (await reader.ReadAsync(cancellation))
        {
            if (isWanted?.Invoke(reader) ?? true)
            {
                Names.Add(reader.GetString(NamePlace));
                One(reader, reader.GetString(PropertiesPlace), appender, properties, numbers);
                if (++Rows % RowsAtOnce == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
            }
        }
    }

    /// <summary>Copies the reader's current row.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="text">The event's properties.</param>
    /// <param name="appender">Appends to the table.</param>
    /// <param name="properties">The properties that have columns.</param>
    /// <param name="numbers">Gives the numbers.</param>
    public static void One(NpgsqlDataReader reader, string text, DuckDBAppender appender, ColumnProperties properties, NumberLookup numbers)
    {
        IDuckDBAppenderRow row = appender.CreateRow();
        for (int place = 0; place < ColumnsSchema.Events.Count; place++)
        {
            if (place == PropertiesPlace)
            {
                row.AppendValue(text);
            }
            else
            {
                RowCopy.Value(reader, row, place, ColumnsSchema.Events[place]);
            }
        }

        long areNumbers = properties.Read(text);
        foreach (string? value in properties.Values)
        {
            row.AppendValue(value);
        }

        row.AppendValue(areNumbers);
        RowNumbers? its = numbers.OfEvent(reader.GetString(IdPlace), reader.GetGuid(SessionPlace), out bool namesNobody);
        row.AppendValue(namesNobody).AppendValue(its?.Id).AppendValue(its?.Session).AppendValue(its?.Person).EndRow();
    }

    private static int PlaceOf(string column) => ColumnsSchema.Events.TakeWhile(one => one.Name != column).Count();
}
