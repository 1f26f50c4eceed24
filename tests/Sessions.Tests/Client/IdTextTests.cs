
namespace Sessions.Tests.Client;

/// <summary>Ids and names are trimmed by one rule, wherever they come in.</summary>
public sealed class IdTextTests
{
    [Theory]
    [InlineData("ann@example.org\n", "ann@example.org")]
    [InlineData("\r\n\t ann \v\f", "ann")]
    [InlineData("\u00A0\u2003ann\u3000\u2028", "ann")] // white space of Unicode
    [InlineData("\uFEFFann\u200B", "ann")] // a byte order mark, and a space without width
    [InlineData("\u200Eann\u200F", "ann")] // marks of direction, as copied text has them
    [InlineData("\u0001ann\u0085", "ann")] // control characters of both ranges
    [InlineData("a b\tc\nd", "a b\tc\nd")] // what stands inside is part of the id
    [InlineData("أحمد", "أحمد")]
    [InlineData("😀", "😀")]
    [InlineData("\0ann\0", "\0ann\0")] // the gateway replaces it, grains refuse it
    [InlineData("", null)]
    [InlineData(null, null)]
    [InlineData(" \n\u200B\uFEFF", null)]
    public void Invisible_characters_at_the_ends_of_an_id_are_trimmed(string? text, string? stored)
    {
        Assert.Equal(stored, IdText.Trim(text));
        Assert.Equal(stored, IdText.Stored(text));
    }

    [Fact]
    public void A_text_with_nothing_to_trim_is_returned_as_the_same_object()
    {
        string text = new('a', 3);

        Assert.Same(text, IdText.Stored(text));
    }

    [Fact]
    public void A_text_that_is_cut_after_a_blank_loses_the_blank()
    {
        Assert.Equal(new string('x', 199), IdText.Stored(new string('x', 199) + "  y"));
        Assert.Equal(new string('x', 199), IdText.Stored(new string('x', 199) + "😀"));
        Assert.Equal(new string('x', 200), IdText.Stored("  " + new string('x', 201)));
    }

    [Theory]
    [InlineData("ann\n", null)]
    [InlineData("ann", " ")]
    [InlineData("somebody", "\tann\u200B")]
    public void A_key_names_the_device_of_the_trimmed_ids(string distinctId, string? deviceId) =>
        Assert.Equal(UserDeviceKey.Create("shop", "ann"), UserDeviceKey.Create("shop", distinctId, deviceId));

    [Fact]
    public void Blank_ids_give_no_device_key() =>
        Assert.Throws<ArgumentException>(() => UserDeviceKey.Create("shop", " \n", "\u200B"));

    [Fact]
    public void A_device_id_that_is_already_a_hash_is_not_hashed_again()
    {
        UserDeviceKey hashed = UserDeviceKey.Create("shop", new string('d', 100));

        Assert.Equal(hashed, UserDeviceKey.OfDevice("shop", hashed.Device));
    }
}
