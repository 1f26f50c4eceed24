using System.Buffers.Text;

namespace Sessions.Capture.Body;

/// <summary>Finds the <c>data</c> field of an <c>application/x-www-form-urlencoded</c> body.</summary>
internal static class FormData
{
    /// <summary>Writes the field's value, percent-decoded, to the start of the form.</summary>
    /// <returns>How many bytes the value has.</returns>
    /// <exception cref="CaptureRefusedException">The form has no such field, or an empty one.</exception>
    public static int ExtractInPlace(Span<byte> form)
    {
        int start = 0;
        while (start < form.Length)
        {
            int length = form[start..].IndexOf((byte)'&');
            Span<byte> field = length < 0 ? form[start..] : form.Slice(start, length);
            if (field.StartsWith("data="u8) && field.Length > "data=".Length)
            {
                return Decode(field["data=".Length..], form);
            }

            start += field.Length + 1;
        }

        throw new CaptureRefusedException(CaptureRefusal.Malformed("The form has no field 'data'."));
    }

    // The target may overlap the value, in front of it: decoding never writes faster than it reads.
    private static int Decode(ReadOnlySpan<byte> value, Span<byte> target)
    {
        int written = 0;
        for (int i = 0; i < value.Length; i++)
        {
            byte b = value[i];
            if (b == '+')
            {
                b = (byte)' ';
            }
            else if (b == '%'
                && i + 2 < value.Length
                && Utf8Parser.TryParse(value.Slice(i + 1, 2), out byte code, out int digits, 'X')
                && digits == 2)
            {
                b = code;
                i += 2;
            }

            target[written++] = b;
        }

        return written;
    }
}
