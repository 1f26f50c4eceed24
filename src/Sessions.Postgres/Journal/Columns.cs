using Npgsql;
using NpgsqlTypes;

namespace Sessions.Postgres;

/// <summary>Rows turned into the arrays that <c>unnest</c> makes rows of again.</summary>
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
