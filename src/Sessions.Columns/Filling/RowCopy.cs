using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Filling;

/// <summary>Copies rows of Postgres to a table of DuckDB.</summary>
internal static class RowCopy
{
    // How many rows are copied between two looks at the cancellation.
    private const int RowsAtOnce = 256;

    /// <summary>Copies all rows that a reader has left.</summary>
    /// <param name="reader">The rows; their columns are those of the table.</param>
    /// <param name="appender">Appends to the table.</param>
    /// <param name="columns">The table's columns.</param>
    /// <param name="more">Appends the values of the table's further columns.</param>
    /// <param name="cancellation">Ends the copy.</param>
    public static async Task All(
        NpgsqlDataReader reader, DuckDBAppender appender, IReadOnlyList<TableColumn> columns, Action<NpgsqlDataReader, IDuckDBAppenderRow> more, CancellationToken cancellation)
    {
        long rows = 0;
        while (await reader.ReadAsync(cancellation))
        {
            IDuckDBAppenderRow row = appender.CreateRow();
            for (int place = 0; place < columns.Count; place++)
            {
                Value(reader, row, place, columns[place]);
            }

            more(reader, row);
            row.EndRow();
            if (++rows % RowsAtOnce == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>Leaves the numbers of a person's row empty.</summary>
    public static void NoNumbersOfPerson(NpgsqlDataReader reader, IDuckDBAppenderRow row) => row.AppendNullValue().AppendNullValue();

    /// <summary>Leaves the numbers of a session's row empty.</summary>
    public static void NoNumbersOfSession(NpgsqlDataReader reader, IDuckDBAppenderRow row) =>
        row.AppendNullValue().AppendNullValue().AppendNullValue();

    /// <summary>Copies one value of the reader's current row.</summary>
    public static void Value(NpgsqlDataReader reader, IDuckDBAppenderRow row, int place, TableColumn column)
    {
        if (column.IsNullable && reader.IsDBNull(place))
        {
            row.AppendNullValue();
            return;
        }

        switch (column.Type)
        {
            case ColumnType.Text:
                row.AppendValue(reader.GetString(place));
                break;
            case ColumnType.Number:
                row.AppendValue(reader.GetInt64(place));
                break;
            case ColumnType.Seconds:
                row.AppendValue(reader.GetDecimal(place));
                break;
            case ColumnType.Time:
                row.AppendValue(reader.GetFieldValue<DateTimeOffset>(place));
                break;
            case ColumnType.Date:
                row.AppendValue(reader.GetFieldValue<DateOnly>(place));
                break;
            case ColumnType.Boolean:
                row.AppendValue(reader.GetBoolean(place));
                break;
            case ColumnType.Uuid:
                row.AppendValue(reader.GetGuid(place));
                break;
            case ColumnType.List:
                row.AppendValue(reader.GetFieldValue<string[]>(place));
                break;
            default:
                throw new InvalidOperationException($"{column.Type} is no known type.");
        }
    }
}
