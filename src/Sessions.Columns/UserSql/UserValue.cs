using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using DuckDB.NET.Data;
using DuckDB.NET.Native;

namespace Sessions.Columns.UserSql;

/// <summary>Writes DuckDB's values as Postgres would: an answer looks the same, whichever engine gave it.</summary>
internal static class UserValue
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    // A text with one of these stands in quotes in a list.
    private static readonly SearchValues<char> Special = SearchValues.Create(" \t\r\n\v\f,{}\"\\");

    /// <summary>The value of the reader's current row as text; null when there is none.</summary>
    public static string? Read(DuckDBDataReader reader, int column, UserType type)
    {
        if (reader.IsDBNull(column))
        {
            return null;
        }

        return type.Name switch
        {
            // .NET has neither their infinities nor all years.
            "timestamp with time zone" => Time(reader.GetFieldValue<DuckDBTimestamp>(column), "+00"),
            "timestamp without time zone" => Time(reader.GetFieldValue<DuckDBTimestamp>(column), ""),
            "date" => Date(reader.GetFieldValue<DuckDBDateOnly>(column)),
            "interval" => Interval(reader.GetFieldValue<DuckDBInterval>(column)),
            "bytea" => Bytes(reader.GetFieldValue<Stream>(column)),
            UserType.Json => reader.GetValue(column) is string written ? written : JsonOf(reader.GetValue(column)),
            _ when type.Item is { } item => ListOf(Items(reader, column, item), item),
            _ => Text(reader.GetValue(column), type),
        };
    }

    /// <summary>Reads a list. The types that are no classes have to be asked for as such that can be null.</summary>
    private static IList Items(DuckDBDataReader reader, int column, UserType item) => item.Duck switch
    {
        "BOOLEAN" => reader.GetFieldValue<List<bool?>>(column),
        "TINYINT" => reader.GetFieldValue<List<sbyte?>>(column),
        "UTINYINT" => reader.GetFieldValue<List<byte?>>(column),
        "SMALLINT" => reader.GetFieldValue<List<short?>>(column),
        "USMALLINT" => reader.GetFieldValue<List<ushort?>>(column),
        "INTEGER" => reader.GetFieldValue<List<int?>>(column),
        "UINTEGER" => reader.GetFieldValue<List<uint?>>(column),
        "BIGINT" => reader.GetFieldValue<List<long?>>(column),
        "UBIGINT" => reader.GetFieldValue<List<ulong?>>(column),
        "HUGEINT" or "UHUGEINT" => reader.GetFieldValue<List<BigInteger?>>(column),
        "DECIMAL" => reader.GetFieldValue<List<decimal?>>(column),
        "FLOAT" => reader.GetFieldValue<List<float?>>(column),
        "DOUBLE" => reader.GetFieldValue<List<double?>>(column),
        "UUID" => reader.GetFieldValue<List<Guid?>>(column),
        "TIMESTAMP" or "TIMESTAMP_S" or "TIMESTAMP_MS" or "TIMESTAMP_NS" or "TIMESTAMP WITH TIME ZONE" => reader.GetFieldValue<List<DateTime?>>(column),
        _ => (IList)reader.GetValue(column),
    };

    private static string Text(object value, UserType type) => value switch
    {
        string text => text,
        bool yes => yes ? "t" : "f",
        decimal number => number.ToString("F" + type.Scale.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        double number => number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'),
        float number => number.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + (type.Name == "timestamp with time zone" ? "+00" : ""),
        DateOnly date => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly time => time.ToString("HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Time(DuckDBTimestamp time, string zone)
    {
        if (time.IsInfinity)
        {
            return time.IsPositiveInfinity ? "infinity" : "-infinity";
        }

        DuckDBTimeOnly clock = time.Time;
        string fraction = clock.Microsecond == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{clock.Microsecond:D6}").TrimEnd('0');
        string all = string.Create(CultureInfo.InvariantCulture, $"{Day(time.Date)} {clock.Hour:D2}:{clock.Min:D2}:{clock.Sec:D2}{fraction}{zone}");
        return all + Era(time.Date);
    }

    private static string Date(DuckDBDateOnly date) =>
        date.IsInfinity ? date.IsPositiveInfinity ? "infinity" : "-infinity" : Day(date) + Era(date);

    private static string Day(DuckDBDateOnly date) =>
        string.Create(CultureInfo.InvariantCulture, $"{(date.Year > 0 ? date.Year : 1 - date.Year):D4}-{date.Month:D2}-{date.Day:D2}");

    private static string Era(DuckDBDateOnly date) => date.Year > 0 ? "" : " BC";

    private static string Interval(DuckDBInterval interval)
    {
        (int years, int months) = Math.DivRem(interval.Months, 12);
        long clock = unchecked((long)interval.Micros);
        List<string> parts = [];
        Add(years, "year");
        Add(months, "mon");
        Add(interval.Days, "day");
        if (clock != 0 || parts.Count == 0)
        {
            // The smallest number has no positive one.
            ulong size = clock < 0 ? (ulong)-(clock + 1) + 1 : (ulong)clock;
            string fraction = size % 1_000_000 == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $".{size % 1_000_000:D6}").TrimEnd('0');
            size /= 1_000_000;
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{(clock < 0 ? "-" : "")}{size / 3600:D2}:{size / 60 % 60:D2}:{size % 60:D2}{fraction}"));
        }

        return string.Join(' ', parts);

        void Add(int count, string unit)
        {
            if (count != 0)
            {
                parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}"));
            }
        }
    }

    private static string Bytes(Stream stream)
    {
        using MemoryStream bytes = new();
        stream.CopyTo(bytes);
        return "\\x" + Convert.ToHexStringLower(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static string ListOf(IList list, UserType item)
    {
        StringBuilder text = new("{");
        foreach (object? value in list)
        {
            text.Append(text.Length > 1 ? "," : "");
            if (value is null)
            {
                text.Append("NULL");
                continue;
            }

            string written = Text(value, item);
            bool isPlain = written.Length > 0 && !written.AsSpan().ContainsAny(Special) && !written.Equals("NULL", StringComparison.OrdinalIgnoreCase);
            text.Append(isPlain ? written : $"\"{written.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        }

        return text.Append('}').ToString();
    }

    private static string JsonOf(object value)
    {
        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes, Writing))
        {
            Write(json, value);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case bool yes:
                json.WriteBooleanValue(yes);
                break;
            case string text:
                json.WriteStringValue(text);
                break;
            case double number when !double.IsFinite(number):
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case float number when !float.IsFinite(number):
                json.WriteStringValue(number.ToString(CultureInfo.InvariantCulture));
                break;
            case byte or sbyte or short or ushort or int or uint or long or ulong or decimal or double or float or BigInteger:
                json.WriteRawValue(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture), skipInputValidation: true);
                break;
            case DateTime time:
                json.WriteStringValue(time.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFZ", CultureInfo.InvariantCulture));
                break;
            case IDictionary entries:
                json.WriteStartObject();
                foreach (DictionaryEntry entry in entries)
                {
                    json.WritePropertyName(Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "");
                    Write(json, entry.Value);
                }

                json.WriteEndObject();
                break;
            case IEnumerable items:
                json.WriteStartArray();
                foreach (object? item in items)
                {
                    Write(json, item);
                }

                json.WriteEndArray();
                break;
            default:
                json.WriteStringValue(Text(value, new UserType("text")));
                break;
        }
    }
}
