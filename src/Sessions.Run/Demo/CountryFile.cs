using System.Net;
using System.Text;

namespace Sessions.Run.Demo;

/// <summary>
/// Writes a file in MaxMind's format with the countries of some IPv4 networks: a tree of address bits whose leaves point
/// to records. Only what that needs of the format: maps, texts and small numbers.
/// </summary>
internal static class CountryFile
{
    private const int Empty = -1;

    public static byte[] Of(params (string Network, string Country)[] networks)
    {
        List<int[]> nodes = [[Empty, Empty]];
        List<byte> data = [];
        List<(int Node, int Side, int Offset)> leaves = [];
        foreach ((string network, string country) in networks)
        {
            leaves.Add(Leaf(nodes, IPNetwork.Parse(network), data.Count));
            data.AddRange(Map(("country", Map(("iso_code", Text(country))))));
        }

        foreach ((int node, int side, int offset) in leaves)
        {
            // A record beyond the last node is an offset in the data; 16 bytes stand between both.
            nodes[node][side] = nodes.Count + 16 + offset;
        }

        byte[] metadata = Map(
            ("node_count", Number(6, nodes.Count)),
            ("record_size", Number(5, 24)),
            ("ip_version", Number(5, 4)),
            ("database_type", Text("Sample-Country")),
            ("languages", [0b000_00000, 4]),
            ("binary_format_major_version", Number(5, 2)),
            ("binary_format_minor_version", Number(5, 0)),
            ("build_epoch", [0b000_00001, 2, 1]), // a number of 64 bits, whose type does not fit in the first byte
            ("description", Map(("en", Text("Sample countries")))));
        return
        [
            .. nodes.SelectMany(node => node).SelectMany(record => Bytes(record == Empty ? nodes.Count : record, 3)),
            .. new byte[16],
            .. data,
            0xAB, 0xCD, 0xEF, .. Encoding.ASCII.GetBytes("MaxMind.com"),
            .. metadata,
        ];
    }

    private static (int Node, int Side, int Offset) Leaf(List<int[]> nodes, IPNetwork network, int offset)
    {
        byte[] address = network.BaseAddress.GetAddressBytes();
        int node = 0;
        for (int bit = 0; ; bit++)
        {
            int side = (address[bit / 8] >> (7 - (bit % 8))) & 1;
            if (bit == network.PrefixLength - 1)
            {
                return (node, side, offset);
            }

            if (nodes[node][side] == Empty)
            {
                nodes.Add([Empty, Empty]);
                nodes[node][side] = nodes.Count - 1;
            }

            node = nodes[node][side];
        }
    }

    private static byte[] Map(params (string Key, byte[] Value)[] members) =>
        [(byte)((7 << 5) | members.Length), .. members.SelectMany(member => (byte[])[.. Text(member.Key), .. member.Value])];

    private static byte[] Text(string text) => text.Length < 29
        ? [(byte)((2 << 5) | text.Length), .. Encoding.ASCII.GetBytes(text)]
        : throw new ArgumentException("A text has at most 28 characters.", nameof(text));

    private static byte[] Number(int type, int value) => [(byte)((type << 5) | 4), .. Bytes(value, 4)];

    private static byte[] Bytes(int value, int count) =>
        [.. Enumerable.Range(0, count).Select(i => (byte)(value >> (8 * (count - 1 - i))))];
}
