namespace Sessions.Gateway.Capture.Parsing;

/// <summary>Makes the properties that are kept: those sent, byte for byte where Postgres takes them.</summary>
internal static class PropertiesJson
{
    /// <summary>Copies an event's properties, with its <c>$set</c> and <c>$set_once</c> as the last of them.</summary>
    public static ReadOnlyMemory<byte> Copy(ScannedEvent found, ReadOnlySpan<byte> body, PropertyArena arena)
    {
        ReadOnlySpan<byte> sent = found.Properties.Json.Of(body);
        ReadOnlySpan<byte> set = found.Set.Of(body);
        ReadOnlySpan<byte> setOnce = found.SetOnce.Of(body);
        if (IsEmptyObject(sent) && set.IsEmpty && setOnce.IsEmpty)
        {
            return default;
        }

        Memory<byte> kept = set.IsEmpty && setOnce.IsEmpty ? Copy(sent, arena) : Merge(sent, set, setOnce, arena);
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
        ReadOnlySpan<byte> sent, ReadOnlySpan<byte> set, ReadOnlySpan<byte> setOnce, PropertyArena arena)
    {
        const int Frame = 40;
        Memory<byte> kept = arena.Take(sent.Length + set.Length + setOnce.Length + Frame);
        var writer = new SpanWriter(kept.Span);
        writer.Write("{"u8);
        writer.WriteMember(Members(sent));
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

        writer.Write("}"u8);
        return kept[..writer.Written];
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
