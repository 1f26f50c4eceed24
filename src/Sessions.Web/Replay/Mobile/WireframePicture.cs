using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Sessions.Web.Replay.Mobile;

/// <summary>
/// A wireframe's picture as the address of an image that contains it. A picture that would have to be loaded from somewhere
/// is none.
/// </summary>
internal static class WireframePicture
{
    private static readonly SearchValues<byte> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"u8);

    private static readonly SearchValues<byte> TypeName = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+-;="u8);

    /// <summary>Whether the value is a picture.</summary>
    public static bool Is(JsonElement value) => TryUse(value, static _ => { });

    /// <summary>Whether the value is a picture; then <paramref name="write"/> gets its address, valid during the call.</summary>
    /// <remarks>A screenshot has some hundred thousand characters, so it does not become a .NET string.</remarks>
    public static bool TryUse(JsonElement value, Action<ReadOnlySpan<byte>> write)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return false;
        }

        ReadOnlySpan<byte> raw = JsonMarshal.GetRawUtf8Value(value);
        ReadOnlySpan<byte> prefix = "data:image/png;base64,"u8;
        byte[] rented = ArrayPool<byte>.Shared.Rent(raw.Length + prefix.Length);
        try
        {
            var reader = new Utf8JsonReader(raw);
            reader.Read();
            Span<byte> text = rented.AsSpan(prefix.Length);
            int length = WithoutSpaces(text[..reader.CopyString(text)]);
            text = text[..length];
            if (IsAddress(text))
            {
                write(text);
                return true;
            }

            if (length < 4 || text.ContainsAnyExcept(Base64))
            {
                return false;
            }

            // Without a type. Browsers look at the bytes of an image, whatever its type says.
            prefix.CopyTo(rented);
            write(rented.AsSpan(0, prefix.Length + length));
            return true;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair.
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Whether it is <c>data:image/TYPE;base64,…</c>.</summary>
    private static bool IsAddress(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> start = "data:image/"u8;
        if (text.Length < start.Length || !Ascii.EqualsIgnoreCase(text[..start.Length], start))
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[start.Length..];
        int comma = rest.IndexOf((byte)',');
        ReadOnlySpan<byte> mark = ";base64"u8;
        if (comma <= mark.Length || !Ascii.EqualsIgnoreCase(rest[(comma - mark.Length)..comma], mark))
        {
            return false;
        }

        ReadOnlySpan<byte> type = rest[..(comma - mark.Length)];
        ReadOnlySpan<byte> data = rest[(comma + 1)..];
        return !type.ContainsAnyExcept(TypeName) && data.Length > 0 && !data.ContainsAnyExcept(Base64);
    }

    /// <summary>Removes line breaks and spaces, which some encoders write; returns the new length.</summary>
    private static int WithoutSpaces(Span<byte> text)
    {
        if (text.IndexOfAny(" \n\r\t"u8) < 0)
        {
            return text.Length;
        }

        int length = 0;
        foreach (byte one in text)
        {
            if (one is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
            {
                text[length++] = one;
            }
        }

        return length;
    }
}
