using Npgsql;
using NpgsqlTypes;

namespace Sessions.Database;

/// <summary>Converts rows to array parameters, which <c>unnest</c> converts back to rows.</summary>
internal static class Columns
{
    public static NpgsqlParameter Text<TRow>(IReadOnlyList<TRow> rows, Func<TRow, string?> value) =>
        Of(rows, value, NpgsqlDbType.Text);

    public static NpgsqlParameter Of<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value, NpgsqlDbType type)
    {
        var values = new TValue[rows.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = value(rows[i]);
        }

        return new NpgsqlParameter<TValue[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type };
    }
}
