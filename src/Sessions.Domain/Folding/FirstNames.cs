using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sessions.Domain.Events;

namespace Sessions.Domain.Folding;

/// <summary>
/// The different names of a session's events, each with the place of its earliest event, sorted by these places. Only the
/// first <see cref="Most"/> are kept. A name beyond them may be forgotten: the names before it can only become earlier, so
/// it comes back only with an event of its own that is early enough. So the list does not depend on the order of arrival.
/// </summary>
public static class FirstNames
{
    /// <summary>The most names that a session keeps.</summary>
    public const int Most = 200;

    /// <summary>The names with one more event.</summary>
    internal static ImmutableArray<Dated<string>> With(ImmutableArray<Dated<string>> names, string name, EventOrder at)
    {
        // Capture cuts names, but older versions stored longer ones.
        name = IdText.Cut(name, IdText.MaxLength);
        int known = IndexOf(names, name);
        if (known >= 0 && names[known].At <= at)
        {
            return names;
        }

        Dated<string> added = new(name, at);
        if (known < 0 && names.Length >= Most && Compare(added, names[^1]) > 0)
        {
            return names;
        }

        ImmutableArray<Dated<string>> others = known >= 0 ? names.RemoveAt(known) : names;
        int place = others.Length;
        while (place > 0 && Compare(added, others[place - 1]) < 0)
        {
            place--;
        }

        ImmutableArray<Dated<string>> all = others.Insert(place, added with { Value = SharedText.Share(added.Value) });
        return all.Length > Most ? all.RemoveAt(Most) : all;
    }

    /// <summary>Whether a fold can have made the list.</summary>
    internal static bool AreSound(ImmutableArray<Dated<string>> names)
    {
        if (names.IsDefault || names.Length > Most)
        {
            return false;
        }

        for (int place = 1; place < names.Length; place++)
        {
            if (Compare(names[place - 1], names[place]) >= 0)
            {
                return false;
            }
        }

        return names.Select(name => name.Value).Distinct(StringComparer.Ordinal).Count() == names.Length;
    }

    private static int IndexOf(ImmutableArray<Dated<string>> names, string name)
    {
        for (int place = 0; place < names.Length; place++)
        {
            if (names[place].Value == name)
            {
                return place;
            }
        }

        return -1;
    }

    // Two devices may send one id at one time as two events. Then the names decide.
    private static int Compare(Dated<string> one, Dated<string> other)
    {
        int byPlace = one.At.CompareTo(other.At);
        return byPlace != 0 ? byPlace : string.CompareOrdinal(one.Value, other.Value);
    }
}

/// <summary>Writes names in a short form, because each checkpoint of a session has them: a list of name, time, order and id.</summary>
internal sealed class FirstNamesConverter : JsonConverter<ImmutableArray<Dated<string>>>
{
    public override ImmutableArray<Dated<string>> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("Names are a list.");
        }

        ImmutableArray<Dated<string>>.Builder names = ImmutableArray.CreateBuilder<Dated<string>>();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartArray)
        {
            reader.Read();
            string name = reader.GetString() ?? throw new JsonException("A name is a text.");
            reader.Read();
            long ticks = reader.GetInt64();
            reader.Read();
            long order = reader.GetInt64();
            reader.Read();
            Guid id = reader.GetGuid();
            names.Add(new Dated<string>(SharedText.Share(name), new EventOrder(new DateTimeOffset(ticks, TimeSpan.Zero), order, id)));
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray)
            {
                throw new JsonException("A name has four parts.");
            }
        }

        return reader.TokenType == JsonTokenType.EndArray ? names.ToImmutable() : throw new JsonException("Names are lists.");
    }

    public override void Write(Utf8JsonWriter writer, ImmutableArray<Dated<string>> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (Dated<string> name in value)
        {
            writer.WriteStartArray();
            writer.WriteStringValue(name.Value);
            writer.WriteNumberValue(name.At.Time.UtcTicks);
            writer.WriteNumberValue(name.At.SenderOrder);
            writer.WriteStringValue(name.At.EventId);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }
}
