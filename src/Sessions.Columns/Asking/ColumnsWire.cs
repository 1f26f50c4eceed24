using System.Globalization;
using System.Text;

namespace Sessions.Columns.Asking;

/// <summary>Questions and answers as bytes. Both sides are of the same version, or answer with a failure that Postgres makes good.</summary>
internal static class ColumnsWire
{
    private const int Version = 1;
    private const int MostItems = 100_000_000;

    private enum Kind : byte
    {
        Null,
        Text,
        Whole,
        Double,
        Decimal,
        False,
        True,
        Uuid,
        Time,
        Date,
        List,
        Texts,
        Uuids,
    }

    /// <summary>Writes a question.</summary>
    public static byte[] Write(string project, IReadOnlyList<ColumnsStatement> statements, ColumnsLimits limits)
    {
        using MemoryStream bytes = new();
        using (BinaryWriter writer = new(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(project);
            writer.Write(limits.Time.Ticks);
            writer.Write(limits.Rows);
            writer.Write(statements.Count);
            foreach (ColumnsStatement statement in statements)
            {
                writer.Write(statement.Sql);
                writer.Write(statement.Parameters.Count);
                foreach (object? parameter in statement.Parameters)
                {
                    WriteValue(writer, parameter);
                }
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Reads a question.</summary>
    /// <exception cref="InvalidDataException">It is malformed, or of another version.</exception>
    public static (string Project, IReadOnlyList<ColumnsStatement> Statements, ColumnsLimits Limits) ReadQuestion(Stream bytes) => Reading(bytes, reader =>
    {
        string project = reader.ReadString();
        ColumnsLimits limits = new(TimeSpan.FromTicks(reader.ReadInt64()), reader.ReadInt32());
        IReadOnlyList<ColumnsStatement> statements =
            Items(reader, () => new ColumnsStatement(reader.ReadString(), Items(reader, () => ReadValue(reader))));
        return (project, statements, limits);
    });

    /// <summary>Writes a person's question.</summary>
    public static byte[] Write(UserQuestion question)
    {
        using MemoryStream bytes = new();
        using (BinaryWriter writer = new(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(question.Project);
            writer.Write(question.Sql);
            writer.Write(question.Time.Ticks);
            writer.Write(question.Rows);
            writer.Write(question.Characters);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads a person's question.</summary>
    /// <exception cref="InvalidDataException">It is malformed, or of another version.</exception>
    public static UserQuestion ReadUserQuestion(Stream bytes) => Reading(bytes, reader => new UserQuestion(
        reader.ReadString(), reader.ReadString(), TimeSpan.FromTicks(reader.ReadInt64()), reader.ReadInt32(), reader.ReadInt64()));

    /// <summary>Writes why a question is refused.</summary>
    public static string Write(ColumnsRefusedException refused) => $"{refused.Position.ToString(CultureInfo.InvariantCulture)}\n{refused.Message}";

    /// <summary>Reads why a question is refused.</summary>
    public static ColumnsRefusedException ReadRefusal(string text)
    {
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        return end > 0 && int.TryParse(text.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out int position)
            ? new ColumnsRefusedException(text[(end + 1)..]) { Position = position }
            : new ColumnsRefusedException(text);
    }

    /// <summary>Writes the answers.</summary>
    public static byte[] Write(IReadOnlyList<ColumnsAnswer> answers)
    {
        using MemoryStream bytes = new();
        using (BinaryWriter writer = new(bytes, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Version);
            writer.Write(answers.Count);
            foreach (ColumnsAnswer answer in answers)
            {
                writer.Write(answer.Columns.Count);
                foreach (ColumnsAnswerColumn column in answer.Columns)
                {
                    writer.Write(column.Name);
                    writer.Write(column.Type);
                }

                writer.Write(answer.IsCut);
                writer.Write(answer.Rows.Count);
                foreach (object?[] row in answer.Rows)
                {
                    foreach (object? value in row)
                    {
                        WriteValue(writer, value);
                    }
                }
            }
        }

        return bytes.ToArray();
    }

    /// <summary>Reads the answers.</summary>
    /// <exception cref="InvalidDataException">They are malformed, or of another version.</exception>
    public static IReadOnlyList<ColumnsAnswer> ReadAnswers(Stream bytes) => Reading(bytes, reader => Items(reader, () =>
    {
        ColumnsAnswerColumn[] columns = Items(reader, () => new ColumnsAnswerColumn(reader.ReadString(), reader.ReadString()));
        bool isCut = reader.ReadBoolean();
        object?[][] rows = Items(reader, () =>
        {
            object?[] row = new object?[columns.Length];
            for (int place = 0; place < row.Length; place++)
            {
                row[place] = ReadValue(reader);
            }

            return row;
        });
        return new ColumnsAnswer(columns, rows, isCut);
    }));

    private static T Reading<T>(Stream bytes, Func<BinaryReader, T> read)
    {
        try
        {
            using BinaryReader reader = new(bytes, Encoding.UTF8, leaveOpen: true);
            return reader.ReadInt32() == Version ? read(reader) : throw new InvalidDataException("It is of another version.");
        }
        catch (Exception malformed) when (malformed is EndOfStreamException or FormatException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException(malformed.Message, malformed);
        }
    }

    private static T[] Items<T>(BinaryReader reader, Func<T> read)
    {
        int count = reader.ReadInt32();
        if (count is < 0 or > MostItems)
        {
            throw new InvalidDataException($"{count} is no number of items.");
        }

        // A list: a wrong count must not take memory before the items are there.
        List<T> items = [];
        for (int place = 0; place < count; place++)
        {
            items.Add(read());
        }

        return [.. items];
    }

    internal static void WriteValue(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.Write((byte)Kind.Null);
                break;
            case string text:
                writer.Write((byte)Kind.Text);
                writer.Write(text);
                break;
            case int number:
                writer.Write((byte)Kind.Whole);
                writer.Write((long)number);
                break;
            case long number:
                writer.Write((byte)Kind.Whole);
                writer.Write(number);
                break;
            case double number:
                writer.Write((byte)Kind.Double);
                writer.Write(number);
                break;
            case decimal number:
                writer.Write((byte)Kind.Decimal);
                writer.Write(number);
                break;
            case bool yes:
                writer.Write((byte)(yes ? Kind.True : Kind.False));
                break;
            case Guid id:
                writer.Write((byte)Kind.Uuid);
                writer.Write(id.ToByteArray());
                break;
            case DateTimeOffset time:
                writer.Write((byte)Kind.Time);
                writer.Write(time.UtcTicks);
                break;
            case DateOnly date:
                writer.Write((byte)Kind.Date);
                writer.Write(date.DayNumber);
                break;
            case IReadOnlyCollection<string> texts:
                WriteItems(writer, Kind.Texts, texts.Cast<object?>());
                break;
            case IReadOnlyCollection<Guid> ids:
                WriteItems(writer, Kind.Uuids, ids.Cast<object?>());
                break;
            case object?[] list:
                WriteItems(writer, Kind.List, list);
                break;
            default:
                throw new ArgumentException($"{value.GetType()} is no type of a value.", nameof(value));
        }
    }

    private static void WriteItems(BinaryWriter writer, Kind kind, IEnumerable<object?> items)
    {
        object?[] all = [.. items];
        writer.Write((byte)kind);
        writer.Write(all.Length);
        foreach (object? item in all)
        {
            WriteValue(writer, item);
        }
    }

    internal static object? ReadValue(BinaryReader reader) => (Kind)reader.ReadByte() switch
    {
        Kind.Null => null,
        Kind.Text => reader.ReadString(),
        Kind.Whole => reader.ReadInt64(),
        Kind.Double => reader.ReadDouble(),
        Kind.Decimal => reader.ReadDecimal(),
        Kind.False => false,
        Kind.True => true,
        Kind.Uuid => new Guid(reader.ReadBytes(16)),
        Kind.Time => new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
        Kind.Date => DateOnly.FromDayNumber(reader.ReadInt32()),
        Kind.List => Items(reader, () => ReadValue(reader)),
        Kind.Texts => Items(reader, () => (string)ReadValue(reader)!),
        Kind.Uuids => Items(reader, () => (Guid)ReadValue(reader)!),
        var unknown => throw new InvalidDataException($"{unknown} is no kind of a value."),
    };
}
