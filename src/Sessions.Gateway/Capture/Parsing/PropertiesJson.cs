using System.Text;

namespace Sessions.Gateway.Capture.Parsing;

/// <summary>Makes the properties that are kept: those sent, byte for byte where Postgres takes them.</summary>
internal static class PropertiesJson
{
    /// <summary>Copies an event's properties, with its <c>$set</c> and <c>$set_once</c> and its country as the last of them.</summary>
    /// <param name="found">The event.</param>
    /// <param name="body">What it was found in.</param>
    /// <param name="arena">Where the copy goes.</param>
    /// <param name="country">The country that was found for it: two letters.</param>
    /// <param name="keepsAddress">Whether its <c>$ip</c> stays.</param>
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

    /// <summary>What stands between the braces.</summary>
    private static ReadOnlySpan<byte> Members(ReadOnlySpan<byte> json) => json.IsEmpty ? json : json[1..^1].Trim(" \t\r\n"u8);

    private static Memory<byte> Copy(ReadOnlySpan<byte> sent, PropertyArena arena)
    {
        Memory<byte> kept = arena.Take(sent.Length);
        sent.CopyTo(kept.Span);
        return kept;
    }

    // A name that is there twice counts by its last value, in Postgres as in .NET, so what comes last wins.
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

    /// <summary>Makes null of a string, in its place: what is longer becomes spaces. A shorter one is no address.</summary>
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

        /// <summary>Writes a member, after a comma unless it is the first.</summary>
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
