using DuckDB.NET.Data;
using Npgsql;
using Sessions.Columns.Schema;

namespace Sessions.Columns.Filling;

/// <summary>Copies rows of Postgres to a table of DuckDB.</summary>
internal static class RowCopy
{
    // How many rows are copied between two looks at the cancellation.
    private const int RowsAtOnce = 256;

    /// <summary>Copies all rows that a reader has left, and returns their number.</summary>
    /// <param name="reader">The rows; their first columns are those of the table.</param>
    /// <param name="appender">Appends to the table.</param>
    /// <param name="columns">The table's columns.</param>
    /// <param name="isWanted">Chooses rows; null for all.</param>
    /// <param name="cancellation">Ends the copy.</param>
    public static async Task<long> All(
        NpgsqlDataReader reader,
        DuckDBAppender appender,
        IReadOnlyList<TableColumn> columns,
        Func<NpgsqlDataReader, bool>? isWanted,
        CancellationToken cancellation)
    {
        long rows = 0;
        while (await reader.ReadAsync(cancellation))
        {
            if (isWanted?.Invoke(reader) ?? true)
            {
                One(reader, appender, columns);
                if (++rows % RowsAtOnce == 0)
                {
                    cancellation.ThrowIfCancellationRequested();
                }
            }
        }

        return rows;
    }

    /// <summary>Copies the reader's current row.</summary>
    public static void One(NpgsqlDataReader reader, DuckDBAppender appender, IReadOnlyList<TableColumn> columns)
    {
        IDuckDBAppenderRow row = appender.CreateRow();
        for (int place = 0; place < columns.Count; place++)
        {
            if (columns[place].IsNullable && reader.IsDBNull(place))
            {
                row.AppendNullValue();
                continue;
            }

            switch (columns[place].Type)
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
                    throw new InvalidOperationException($"{columns[place].Type} is no known type.");
            }
        }

        row.EndRow();
    }
}
