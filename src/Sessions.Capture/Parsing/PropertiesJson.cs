using System.Text;

namespace Sessions.Capture.Parsing;

/// <summary>Writes the properties that are stored: the sent ones, unchanged where Postgres accepts them.</summary>
internal static class PropertiesJson
{
    /// <summary>
    /// Copies an event's properties, and appends its <c>$set</c>, its <c>$set_once</c> and its country.
    /// </summary>
    /// <param name="found">The event.</param>
    /// <param name="body">The body that the event is in.</param>
    /// <param name="arena">The memory for the copy.</param>
    /// <param name="country">The event's country: two letters.</param>
    /// <param name="keepsAddress">Whether <c>$ip</c> is kept.</param>
    public static ReadOnlyMemory<byte> Copy(
        ScannedEvent found, ReadOnlySpan<byte> body, PropertyArena arena, string? country = null, bool keepsAddress = false)
    {
        ReadOnlySpan<byte> sent = found.Properties.Json.Of(body);
        ReadOnlySpan<byte> set = found.Set.Of(body);
        ReadOnlySpan<byte> setOnce = found.SetOnce.Of(body);
        bool isMore = !set.IsEmpty || !setOnce.IsEmpty || country is not null;
        if (!isMore && IsEmptyObject(sent))
        {
            return default;
        }

        int shift = 0;
        Memory<byte> kept = isMore ? Merge(sent, set, setOnce, country, arena, out shift) : Copy(sent, arena);
        if (found.Properties.Ip is not null && !keepsAddress)
        {
            EraseText(kept.Span.Slice(found.Properties.IpAt.Start - found.Properties.Json.Start + shift, found.Properties.IpAt.Length));
        }

        if (found.HasEscapes)
        {
            EscapeRepair.InPlace(kept.Span);
        }

        return kept;
    }

    private static bool IsEmptyObject(ReadOnlySpan<byte> json) => json.IsEmpty || Members(json).IsEmpty;

    /// <summary>The bytes between the braces.</summary>
    private static ReadOnlySpan<byte> Members(ReadOnlySpan<byte> json) => json.IsEmpty ? json : json[1..^1].Trim(" \t\r\n"u8);

    private static Memory<byte> Copy(ReadOnlySpan<byte> sent, PropertyArena arena)
    {
        Memory<byte> kept = arena.Take(sent.Length);
        sent.CopyTo(kept.Span);
        return kept;
    }

    // If a name occurs twice, its last value counts, in Postgres as in .NET. So the appended value has precedence.
    private static Memory<byte> Merge(
        ReadOnlySpan<byte> sent,
        ReadOnlySpan<byte> set,
        ReadOnlySpan<byte> setOnce,
        string? country,
        PropertyArena arena,
        out int shift)
    {
        const int Frame = 80;
        Memory<byte> kept = arena.Take(sent.Length + set.Length + setOnce.Length + Frame);
        var writer = new SpanWriter(kept.Span);
        writer.Write("{"u8);
        ReadOnlySpan<byte> members = Members(sent);
        shift = sent.Overlaps(members, out int before) ? writer.Written - before : 0;
        writer.WriteMember(members);
        if (!set.IsEmpty)
        {
            writer.WriteMember("\"$set\":"u8);
            writer.Write(set);
        }

        if (!setOnce.IsEmpty)
        {
            writer.WriteMember("\"$set_once\":"u8);
            writer.Write(setOnce);
        }

        if (country is not null)
        {
            writer.WriteMember("\"$geoip_country_code\":\""u8);
            writer.WriteAscii(country);
            writer.Write("\""u8);
        }

        writer.Write("}"u8);
        return kept[..writer.Written];
    }

    /// <summary>
    /// Replaces a string with null in place, and fills the rest with spaces. Strings shorter than null are no
    /// addresses.
    /// </summary>
    private static void EraseText(Span<byte> value)
    {
        ReadOnlySpan<byte> nothing = "null"u8;
        if (value.Length >= nothing.Length && value[0] == '"')
        {
            nothing.CopyTo(value);
            value[nothing.Length..].Fill((byte)' ');
        }
    }

    private ref struct SpanWriter(Span<byte> target)
    {
        private readonly Span<byte> target = target;

        public int Written { get; private set; }

        public void Write(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(target[Written..]);
            Written += bytes.Length;
        }

        public void WriteAscii(string text) => Written += Encoding.ASCII.GetBytes(text, target[Written..]);

        /// <summary>Writes a member, with a comma before it unless it is the first.</summary>
        public void WriteMember(ReadOnlySpan<byte> member)
        {
            if (!member.IsEmpty)
            {
                Write(Written > 1 ? ","u8 : []);
                Write(member);
            }
        }
    }
}
